package tangram.tensor.op;

/**
 * How a pooling window moves. Arrays have a number for each spatial dimension, or one for all.
 *
 * @param kernel elements of a window
 * @param stride inputs between neighbouring windows; null for those of the kernel
 * @param begin padding before each dimension
 * @param end padding behind each dimension
 * @param dilation inputs between neighbouring elements of a window; maxima only
 * @param ceilMode whether a last window that reaches beyond the padding counts
 * @param countIncludePad whether averages count the padding as zeros
 * @param divisorOverride what sums are divided by to be averages; 0 for the number of elements
 */
public record PoolOptions(
    int[] kernel,
    int[] stride,
    int[] begin,
    int[] end,
    int[] dilation,
    boolean ceilMode,
    boolean countIncludePad,
    int divisorOverride) {
  private static final int[] ZERO = {0};
  private static final int[] ONE = {1};

  /** Windows beside each other, without padding. */
  public static PoolOptions of(int... kernel) {
    return new PoolOptions(kernel, null, ZERO, ZERO, ONE, false, true, 0);
  }

  /** Another stride. */
  public PoolOptions stride(int... stride) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }

  /** Another padding, the same on both sides. */
  public PoolOptions padding(int... padding) {
    return padding(padding, padding);
  }

  /** Another padding. */
  public PoolOptions padding(int[] begin, int[] end) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }

  /** Another dilation. */
  public PoolOptions dilation(int... dilation) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }

  /** Whether a last window that reaches beyond the padding counts. */
  public PoolOptions ceilMode(boolean ceilMode) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }

  /** Whether averages count the padding as zeros. */
  public PoolOptions countIncludePad(boolean countIncludePad) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }

  /** What sums are divided by to be averages; 0 for the number of elements. */
  public PoolOptions divisorOverride(int divisorOverride) {
    return new PoolOptions(
        kernel, stride, begin, end, dilation, ceilMode, countIncludePad, divisorOverride);
  }
}
