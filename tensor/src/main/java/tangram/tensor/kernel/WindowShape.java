package tangram.tensor.kernel;

/**
 * Sizes of a Swin window partition of [N, H, W, C].
 *
 * @param n batch
 * @param h height
 * @param w width
 * @param c channels
 * @param window window side
 * @param shift cyclic shift, 0 or below the window side
 */
public record WindowShape(int n, int h, int w, int c, int window, int shift) {
  /** Windows down the padded map. */
  public int rows() {
    return (h + window - 1) / window;
  }

  /** Windows across the padded map. */
  public int cols() {
    return (w + window - 1) / window;
  }
}
