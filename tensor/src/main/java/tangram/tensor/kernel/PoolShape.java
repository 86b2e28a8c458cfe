package tangram.tensor.kernel;

/**
 * Sizes of a two-dimensional pooling; padding never wins a maximum.
 *
 * @param planes batch times channels
 * @param h input height
 * @param w input width
 * @param kernel window side
 * @param stride stride
 * @param padding padding on all sides
 */
public record PoolShape(int planes, int h, int w, int kernel, int stride, int padding) {
  /** Checks the sizes. */
  public PoolShape {
    if (planes < 1 || h < 1 || w < 1 || kernel < 1 || stride < 1) {
      throw new IllegalArgumentException("pooling sizes must be positive");
    }
    if (padding < 0 || 2 * padding > kernel) {
      throw new IllegalArgumentException(
          "padding of a pooling is at most half its window, not " + padding + " of " + kernel);
    }
    if (Math.min(h, w) + 2 * padding < kernel) {
      throw new IllegalArgumentException(
          "a pooling window of " + kernel + " does not fit into " + h + "x" + w);
    }
  }

  /** Output height. */
  public int outH() {
    return (h + 2 * padding - kernel) / stride + 1;
  }

  /** Output width. */
  public int outW() {
    return (w + 2 * padding - kernel) / stride + 1;
  }
}
