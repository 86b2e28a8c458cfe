package tangram.tensor.kernel;

/**
 * Sizes of a two-dimensional convolution.
 *
 * @param n batch
 * @param c input channels
 * @param h input height
 * @param w input width
 * @param k output channels
 * @param r kernel height
 * @param s kernel width
 * @param stride stride in both directions
 * @param padding zero padding on all four sides
 */
public record ConvShape(int n, int c, int h, int w, int k, int r, int s, int stride, int padding) {
  /** Checks the sizes. */
  public ConvShape {
    if (n < 1 || c < 1 || h < 1 || w < 1 || k < 1 || r < 1 || s < 1 || stride < 1 || padding < 0) {
      throw new IllegalArgumentException("convolution sizes must be positive");
    }
    if (h + 2 * padding < r || w + 2 * padding < s) {
      throw new IllegalArgumentException(
          "the kernel " + r + "x" + s + " is larger than the padded input " + h + "x" + w);
    }
  }

  /** Output height. */
  public int outH() {
    return (h + 2 * padding - r) / stride + 1;
  }

  /** Output width. */
  public int outW() {
    return (w + 2 * padding - s) / stride + 1;
  }
}
