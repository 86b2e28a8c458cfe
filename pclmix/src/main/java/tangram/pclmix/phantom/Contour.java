package tangram.pclmix.phantom;

/**
 * A closed curve around the heart's axis given by its radius at every angle (a star-shaped
 * outline), with a first-order signed distance. Lengths in millimetres, angles in radians.
 */
final class Contour {
  /** Number of tabulated angles; a step is 1 mm at a radius of 40 mm. */
  static final int ANGLES = 256;

  /** Half the width of the smoothing window, in tabulated angles (about 17 degrees). */
  private static final int SMOOTHING = 12;

  private final double[] radius;
  private final double[] slope;
  private final double edge;

  /**
   * @param radius the radius at angle {@code angle(i)}; a negative radius means that the curve does
   *     not reach this direction
   * @param edge how far the wall moves through the thickness of the slice: the width over which the
   *     curve is smeared
   */
  Contour(double[] radius, double edge) {
    this.radius = radius;
    this.edge = edge;
    this.slope = new double[ANGLES];
    double step = 2 * Math.PI / ANGLES;
    for (int i = 0; i < ANGLES; i++) {
      double next = radius[(i + 1) % ANGLES];
      double previous = radius[(i + ANGLES - 1) % ANGLES];
      double relative = (next - previous) / (2 * step * Math.max(Math.abs(radius[i]), 1));
      slope[i] = 1 / Math.sqrt(1 + relative * relative);
    }
  }

  /** The i-th tabulated angle, in [-pi, pi). */
  static double angle(int i) {
    return -Math.PI + i * (2 * Math.PI / ANGLES);
  }

  /** The radius in this direction, interpolated between tabulated angles. */
  double radius(double angle) {
    return interpolate(radius, angle);
  }

  /** The approximate distance from the curve, negative inside, of a point in polar coordinates. */
  double distance(double r, double angle) {
    return (r - interpolate(radius, angle)) * interpolate(slope, angle);
  }

  /** The width in millimetres over which the slice's thickness smears this curve. */
  double edge() {
    return edge;
  }

  /**
   * A smooth curve around two others: the larger radius everywhere, notches filled.
   *
   * @param margin added to the other curve's radius
   */
  Contour around(Contour other, double margin) {
    double[] hull = new double[ANGLES];
    for (int i = 0; i < ANGLES; i++) {
      hull[i] = Math.max(radius[i], other.radius[i] + margin);
    }
    double[] smooth = hull.clone();
    for (int pass = 0; pass < 3; pass++) {
      double[] mean = new double[ANGLES];
      double sum = 0;
      for (int i = -SMOOTHING; i <= SMOOTHING; i++) {
        sum += smooth[Math.floorMod(i, ANGLES)];
      }
      for (int i = 0; i < ANGLES; i++) {
        mean[i] = sum / (2 * SMOOTHING + 1);
        sum += smooth[Math.floorMod(i + SMOOTHING + 1, ANGLES)];
        sum -= smooth[Math.floorMod(i - SMOOTHING, ANGLES)];
      }
      for (int i = 0; i < ANGLES; i++) {
        smooth[i] = Math.max(hull[i], mean[i]);
      }
    }
    return new Contour(smooth, Math.max(edge, other.edge));
  }

  private static double interpolate(double[] table, double angle) {
    double position = (angle + Math.PI) * (ANGLES / (2 * Math.PI));
    int floor = (int) Math.floor(position);
    double fraction = position - floor;
    double low = table[Math.floorMod(floor, ANGLES)];
    double high = table[Math.floorMod(floor + 1, ANGLES)];
    return low + (high - low) * fraction;
  }
}
