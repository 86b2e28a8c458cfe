package tangram.pclmix.data;

/**
 * How a square window of a plane is turned, mirrored and scaled about its centre. All planes of a
 * slice move alike: pixel (y, x) of the result comes from {@code centre + M ((y, x) - centre)} of
 * the window. What moves into the window from beyond it is what the plane has there.
 */
public final class Motion {
  static final int NO_FLIP = -1;

  /** M, row by row. */
  private final double yy;

  private final double yx;
  private final double xy;
  private final double xx;

  /** Whether M moves whole pixels to whole pixels: quarter turns and flips. */
  private final boolean whole;

  private Motion(double yy, double yx, double xy, double xx, boolean whole) {
    this.yy = yy;
    this.yx = yx;
    this.xy = xy;
    this.xx = xx;
    this.whole = whole;
  }

  /** None at all. */
  static Motion none() {
    return quarters(0, NO_FLIP);
  }

  /**
   * That of {@code np.flip(np.rot90(a, turns), axis=flip)}.
   *
   * @param turns quarter turns, 0 to 3
   * @param flip 0 for rows, 1 for columns, {@link #NO_FLIP} for neither
   */
  static Motion quarters(int turns, int flip) {
    double y = flip == 0 ? -1 : 1;
    double x = flip == 1 ? -1 : 1;
    switch (turns) {
      case 0:
        return new Motion(y, 0, 0, x, true);
      case 1:
        return new Motion(0, x, -y, 0, true);
      case 2:
        return new Motion(-y, 0, 0, -x, true);
      case 3:
        return new Motion(0, -x, y, 0, true);
      default:
        throw new IllegalArgumentException(turns + " quarter turns");
    }
  }

  /** Counter-clockwise (as seen with y downwards) by the angle of cos and sin. */
  static Motion rotation(double cos, double sin) {
    return new Motion(cos, sin, -sin, cos, false);
  }

  /** This, and then everything larger by a factor. */
  Motion enlarged(double factor) {
    return new Motion(yy / factor, yx / factor, xy / factor, xx / factor, false);
  }

  /**
   * Moves an image, sampled bilinearly; 0 where it has no pixel.
   *
   * @param source [height, width]
   * @param window the part of it that moves
   * @param target receives [side, side] from the offset on
   */
  public void move(float[] source, Window window, float[] target, int offset) {
    int n = window.side();
    require(source.length, window);
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        int to = offset + y * n + x;
        if (whole) {
          target[to] = pixel(source, window, wholeRow(y, x, n), wholeColumn(y, x, n));
          continue;
        }
        double sy = centre + yy * (y - centre) + yx * (x - centre);
        double sx = centre + xy * (y - centre) + xx * (x - centre);
        int y0 = (int) Math.floor(sy);
        int x0 = (int) Math.floor(sx);
        double fy = sy - y0;
        double fx = sx - x0;
        double upper =
            (1 - fx) * pixel(source, window, y0, x0) + fx * pixel(source, window, y0, x0 + 1);
        double lower =
            (1 - fx) * pixel(source, window, y0 + 1, x0)
                + fx * pixel(source, window, y0 + 1, x0 + 1);
        target[to] = (float) ((1 - fy) * upper + fy * lower);
      }
    }
  }

  /**
   * Moves a plane of classes or other small numbers, the nearest of which is taken.
   *
   * @param source [height, width]
   * @param window the part of it that moves
   * @param fill what is put where it has no pixel
   * @param target receives [side, side] from the offset on
   */
  public void move(byte[] source, Window window, int fill, int[] target, int offset) {
    int n = window.side();
    int height = window.height();
    int width = window.width();
    require(source.length, window);
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        int sy = wholeRow(y, x, n);
        int sx = wholeColumn(y, x, n);
        if (!whole) {
          sy = (int) Math.floor(centre + yy * (y - centre) + yx * (x - centre) + 0.5);
          sx = (int) Math.floor(centre + xy * (y - centre) + xx * (x - centre) + 0.5);
        }
        sy += window.top();
        sx += window.left();
        boolean inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
        target[offset + y * n + x] = inside ? source[sy * width + sx] : fill;
      }
    }
  }

  /** Row of the window that a whole motion takes: in half pixels all are whole numbers. */
  private int wholeRow(int y, int x, int n) {
    return ((int) yy * (2 * y - (n - 1)) + (int) yx * (2 * x - (n - 1)) + n - 1) / 2;
  }

  private int wholeColumn(int y, int x, int n) {
    return ((int) xy * (2 * y - (n - 1)) + (int) xx * (2 * x - (n - 1)) + n - 1) / 2;
  }

  /** A pixel by its place in the window. */
  private static float pixel(float[] source, Window window, int row, int column) {
    int y = window.top() + row;
    int x = window.left() + column;
    return y >= 0 && y < window.height() && x >= 0 && x < window.width()
        ? source[y * window.width() + x]
        : 0;
  }

  private static void require(int length, Window window) {
    if (length != window.height() * window.width()) {
      throw new IllegalArgumentException(
          length + " pixels are not " + window.height() + "x" + window.width());
    }
  }
}
