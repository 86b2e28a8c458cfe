package tangram.pclmix.data;

/**
 * How square planes are turned, mirrored and scaled about their centre. All planes of a slice move
 * alike: pixel (y, x) of the result comes from {@code centre + M ((y, x) - centre)}.
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
   * @param source [n, n]
   * @param target receives [n, n] from the offset on
   */
  public void move(float[] source, int n, float[] target, int offset) {
    require(source.length, n);
    if (whole) {
      for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
          target[offset + y * n + x] = source[wholeSource(y, x, n)];
        }
      }
      return;
    }
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        double sy = centre + yy * (y - centre) + yx * (x - centre);
        double sx = centre + xy * (y - centre) + xx * (x - centre);
        int y0 = (int) Math.floor(sy);
        int x0 = (int) Math.floor(sx);
        double fy = sy - y0;
        double fx = sx - x0;
        double top = (1 - fx) * pixel(source, n, y0, x0) + fx * pixel(source, n, y0, x0 + 1);
        double bottom =
            (1 - fx) * pixel(source, n, y0 + 1, x0) + fx * pixel(source, n, y0 + 1, x0 + 1);
        target[offset + y * n + x] = (float) ((1 - fy) * top + fy * bottom);
      }
    }
  }

  /**
   * Moves a plane of classes or other small numbers, the nearest of which is taken.
   *
   * @param source [n, n]
   * @param fill what is put where it has no pixel
   * @param target receives [n, n] from the offset on
   */
  public void move(byte[] source, int n, int fill, int[] target, int offset) {
    require(source.length, n);
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        int to = offset + y * n + x;
        if (whole) {
          target[to] = source[wholeSource(y, x, n)];
        } else {
          int sy = (int) Math.floor(centre + yy * (y - centre) + yx * (x - centre) + 0.5);
          int sx = (int) Math.floor(centre + xy * (y - centre) + xx * (x - centre) + 0.5);
          boolean inside = sy >= 0 && sy < n && sx >= 0 && sx < n;
          target[to] = inside ? source[sy * n + sx] : fill;
        }
      }
    }
  }

  /** In half pixels from the centre, all of which are whole numbers. */
  private int wholeSource(int y, int x, int n) {
    int v = 2 * y - (n - 1);
    int u = 2 * x - (n - 1);
    int sy = ((int) yy * v + (int) yx * u + n - 1) / 2;
    int sx = ((int) xy * v + (int) xx * u + n - 1) / 2;
    return sy * n + sx;
  }

  private static float pixel(float[] source, int n, int y, int x) {
    return y >= 0 && y < n && x >= 0 && x < n ? source[y * n + x] : 0;
  }

  private static void require(int length, int n) {
    if (length != n * n) {
      throw new IllegalArgumentException(length + " pixels are not " + n + "x" + n);
    }
  }
}
