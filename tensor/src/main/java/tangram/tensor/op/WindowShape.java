package tangram.tensor.op;

/**
 * Sizes of a Swin window partition of [N, H, W, C].
 *
 * @param n batch
 * @param h height
 * @param w width
 * @param c channels
 * @param window window side
 * @param shift cyclic shift, 0 or below the window side; an axis that one window covers is not
 *     shifted, since all its tokens see each other already (as in torchvision)
 */
public record WindowShape(int n, int h, int w, int c, int window, int shift) {
  /** Checks the sizes. */
  public WindowShape {
    if (n < 1 || h < 1 || w < 1 || c < 1 || window < 1) {
      throw new IllegalArgumentException("window sizes must be positive");
    }
    if (shift < 0 || shift >= window) {
      throw new IllegalArgumentException(
          "a shift is below the window's side, not " + shift + " of " + window);
    }
  }

  /** The cyclic shift of rows: none where one window covers the height. */
  public int shiftH() {
    return h <= window ? 0 : shift;
  }

  /** The cyclic shift of columns: none where one window covers the width. */
  public int shiftW() {
    return w <= window ? 0 : shift;
  }

  /** Windows down the padded map. */
  public int rows() {
    return (h + window - 1) / window;
  }

  /** Windows across the padded map. */
  public int cols() {
    return (w + window - 1) / window;
  }
}
