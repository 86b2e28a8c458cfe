package tangram.tensor.kernel;

/**
 * Shape of a two-dimensional convolution on NCHW data with square stride and zero padding.
 *
 * <p>Input [n, c, h, w], weights [k, c, r, s], output [n, k, {@link #outH()}, {@link #outW()}], all
 * dense and row-major. As in PyTorch, "convolution" means cross-correlation: the kernel is not
 * flipped.
 *
 * @param n images
 * @param c input channels
 * @param h input rows
 * @param w input columns
 * @param k output channels
 * @param r kernel rows
 * @param s kernel columns
 * @param stride step between output positions, in both directions
 * @param padding zeros added on each of the four sides
 */
public record ConvShape(int n, int c, int h, int w, int k, int r, int s, int stride, int padding) {
  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if an extent or the stride is not positive, the padding is
   *     negative, the padded input is smaller than the kernel, or an array would exceed the
   *     indexing range of Java
   */
  public ConvShape {
    if (n < 1 || c < 1 || h < 1 || w < 1 || k < 1 || r < 1 || s < 1 || stride < 1) {
      throw new IllegalArgumentException(
          "convolution extents and stride must be positive, got n=%d c=%d h=%d w=%d k=%d r=%d s=%d stride=%d"
              .formatted(n, c, h, w, k, r, s, stride));
    }
    if (padding < 0) {
      throw new IllegalArgumentException("padding must not be negative, got " + padding);
    }
    if (h + 2L * padding < r || w + 2L * padding < s) {
      throw new IllegalArgumentException(
          "kernel %dx%d is larger than the padded input %dx%d"
              .formatted(r, s, h + 2L * padding, w + 2L * padding));
    }
    long oh = (h + 2L * padding - r) / stride + 1;
    long ow = (w + 2L * padding - s) / stride + 1;
    checkSize("input", n, c, h, w);
    checkSize("weight", k, c, r, s);
    checkSize("output", n, k, oh, ow);
  }

  /** Output rows: floor((h + 2 padding - r) / stride) + 1. */
  public int outH() {
    return (h + 2 * padding - r) / stride + 1;
  }

  /** Output columns: floor((w + 2 padding - s) / stride) + 1. */
  public int outW() {
    return (w + 2 * padding - s) / stride + 1;
  }

  /** Elements of the input. */
  public int inputSize() {
    return n * c * h * w;
  }

  /** Elements of the weights. */
  public int weightSize() {
    return k * c * r * s;
  }

  /** Elements of the output. */
  public int outputSize() {
    return n * k * outH() * outW();
  }

  /** Floating-point operations of the direct algorithm (a multiply-add counts as two). */
  public long flops() {
    return 2L * outputSize() * c * r * s;
  }

  private static void checkSize(String what, long a, long b, long c, long d) {
    // Each factor is an int, so the products below cannot overflow before they are compared.
    if (a * b > Integer.MAX_VALUE || a * b * c > Integer.MAX_VALUE || c * d > Integer.MAX_VALUE) {
      throw tooLarge(what, a, b, c, d);
    }
    if (a * b * c * d > Integer.MAX_VALUE) {
      throw tooLarge(what, a, b, c, d);
    }
  }

  private static IllegalArgumentException tooLarge(String what, long a, long b, long c, long d) {
    return new IllegalArgumentException(
        "%s [%d, %d, %d, %d] has more than 2^31 - 1 elements".formatted(what, a, b, c, d));
  }
}
