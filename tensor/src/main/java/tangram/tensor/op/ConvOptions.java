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
