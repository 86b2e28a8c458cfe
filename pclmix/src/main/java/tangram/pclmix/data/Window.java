package tangram.pclmix.data;

/**
 * A square part of a plane, which may reach beyond its border.
 *
 * @param height of the plane, pixels
 * @param width of the plane
 * @param top row of the plane that is the window's first; may be negative
 * @param left column that is its first
 * @param side of the window
 */
public record Window(int height, int width, int top, int left, int side) {
  /** All of a square plane. */
  public static Window all(int side) {
    return new Window(side, side, 0, 0, side);
  }

  /** The window in the middle of a plane, moved by some pixels. */
  public static Window centred(int height, int width, int side, int down, int right) {
    return new Window(
        height,
        width,
        Math.floorDiv(height - side, 2) + down,
        Math.floorDiv(width - side, 2) + right,
        side);
  }

  /** Whether it is all of its plane. */
  public boolean isAll() {
    return top == 0 && left == 0 && side == height && side == width;
  }
}
