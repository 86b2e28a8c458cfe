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
  /** Output height. */
  public int outH() {
    return (h + 2 * padding - kernel) / stride + 1;
  }

  /** Output width. */
  public int outW() {
    return (w + 2 * padding - kernel) / stride + 1;
  }
}
