package tangram.tensor.op;

/**
 * How a convolution's kernel moves. Arrays have a number for each spatial dimension, or one for
 * all.
 *
 * @param stride inputs between neighbouring outputs; of a transposed convolution, outputs between
 *     neighbouring inputs
 * @param begin zeros before each dimension
 * @param end zeros behind each dimension
 * @param dilation inputs between neighbouring taps
 * @param groups parts of the channels that do not meet
 * @param outputPadding of a transposed convolution, by how much the output is longer
 */
public record ConvOptions(
    int[] stride, int[] begin, int[] end, int[] dilation, int groups, int[] outputPadding) {
  private static final int[] ONE = {1};
  private static final int[] ZERO = {0};

  /** Stride 1, no padding, no dilation, one group. */
  public static final ConvOptions DEFAULT = new ConvOptions(ONE, ZERO, ZERO, ONE, 1, ZERO);

  /** Another stride. */
  public ConvOptions stride(int... stride) {
    return new ConvOptions(stride, begin, end, dilation, groups, outputPadding);
  }

  /** Another padding, the same on both sides. */
  public ConvOptions padding(int... padding) {
    return padding(padding, padding);
  }

  /** Another padding. */
  public ConvOptions padding(int[] begin, int[] end) {
    return new ConvOptions(stride, begin, end, dilation, groups, outputPadding);
  }

  /**
   * Padding with which a convolution of stride 1 keeps the size, PyTorch's {@code padding="same"};
   * of an odd number of zeros the larger part is behind. Dilation comes first.
   *
   * @param kernel side of the kernel, or sides
   */
  public ConvOptions samePadding(int... kernel) {
    int[] begin = new int[Math.max(kernel.length, dilation.length)];
    int[] end = begin.clone();
    for (int d = 0; d < begin.length; d++) {
      int side = kernel[kernel.length == 1 ? 0 : d];
      int total = dilation[dilation.length == 1 ? 0 : d] * (side - 1);
      begin[d] = total / 2;
      end[d] = total - total / 2;
    }
    for (int s : stride) {
      if (s != 1) {
        throw new IllegalArgumentException(
            "a convolution of stride " + s + " does not keep the size; use stride 1 or padding()");
      }
    }
    return padding(begin, end);
  }

  /** Another dilation. */
  public ConvOptions dilation(int... dilation) {
    return new ConvOptions(stride, begin, end, dilation, groups, outputPadding);
  }

  /** Another number of groups. */
  public ConvOptions groups(int groups) {
    return new ConvOptions(stride, begin, end, dilation, groups, outputPadding);
  }

  /** Another output padding. */
  public ConvOptions outputPadding(int... outputPadding) {
    return new ConvOptions(stride, begin, end, dilation, groups, outputPadding);
  }
}
