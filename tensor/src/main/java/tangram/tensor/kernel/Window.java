package tangram.tensor.kernel;

/**
 * How a window slides along one dimension: tap t of output o meets input {@code o * stride + t *
 * dilation - begin}, which is padding if it lies outside.
 *
 * @param size elements of the input
 * @param kernel taps
 * @param stride inputs between neighbouring outputs
 * @param begin padding before the first element
 * @param end padding after the last one; a negative number leaves inputs out
 * @param dilation inputs between neighbouring taps
 */
public record Window(int size, int kernel, int stride, int begin, int end, int dilation) {
  /** A dimension that is not there. */
  public static final Window NONE = new Window(1, 1, 1, 0, 0, 1);

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size, the stride or the dilation is not positive, the
   *     padding before is negative, or the padded input is smaller than the window
   */
  public Window {
    if (size < 1 || kernel < 1 || stride < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "sizes, stride and dilation must be positive, not size %d, kernel %d, stride %d, dilation %d"
              .formatted(size, kernel, stride, dilation));
    }
    if (begin < 0) {
      throw new IllegalArgumentException("padding must not be negative, got " + begin);
    }
    long padded = (long) size + begin + end;
    long reach = (long) dilation * (kernel - 1) + 1;
    if (padded < reach) {
      throw new IllegalArgumentException(
          "a kernel that reaches over %d elements is larger than the padded input of %d"
              .formatted(reach, padded));
    }
  }

  /** Equal padding on both sides, neighbouring taps. */
  public Window(int size, int kernel, int stride, int padding) {
    this(size, kernel, stride, padding, padding, 1);
  }

  /** Inputs from the first tap to the last. */
  public int reach() {
    return dilation * (kernel - 1) + 1;
  }

  /** Outputs: floor((size + begin + end - reach) / stride) + 1. */
  public int out() {
    return (int) (((long) size + begin + end - reach()) / stride) + 1;
  }

  /** The input that a tap of an output meets. */
  public int input(int output, int tap) {
    return output * stride + tap * dilation - begin;
  }

  /** Whether the taps are neighbours. */
  boolean isDense() {
    return dilation == 1 || kernel == 1;
  }
}
