package tangram.pclmix.phantom;

import tangram.tensor.CounterRandom;

/**
 * An ellipsoid of one tissue, optionally with a wall of another: papillary muscles, vessels, bowel
 * loops. In-plane lengths in millimetres; z is the position along the heart's long axis, 0 at the
 * base and 1 at the apex.
 *
 * @param x centre
 * @param y centre
 * @param z centre along the long axis
 * @param reach half the length along the long axis
 * @param major semi-axis in the direction of {@code angle}
 * @param minor the other semi-axis
 * @param angle direction of the major axis, radians
 * @param value intensity inside
 * @param wall thickness of the wall that lies inside the outline, 0 for none
 * @param wallValue intensity of the wall
 */
record Blob(
    double x,
    double y,
    double z,
    double reach,
    double major,
    double minor,
    double angle,
    double value,
    double wall,
    double wallValue) {

  /** A ball-like blob without a wall, slightly oval. */
  static Blob ball(
      CounterRandom random, double x, double y, double z, double reach, double radius, double v) {
    double oval = Draw.uniform(random, 0.75, 1);
    double angle = Draw.angle(random);
    return new Blob(x, y, z, reach, radius, radius * oval, angle, v, 0, v);
  }

  /**
   * Paints this blob at a point over what is there.
   *
   * @param below the intensity below
   * @param edge width of the blurred edge, millimetres
   */
  double paint(double below, double px, double py, double pz, double edge) {
    double through = (pz - z) / reach;
    double shrink = 1 - through * through;
    if (shrink <= 0) {
      return below;
    }
    double dx = px - x;
    double dy = py - y;
    double far = major + edge;
    if (dx * dx + dy * dy > far * far) {
      return below;
    }
    shrink = Math.sqrt(shrink);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double a = (cos * dx + sin * dy) / (major * shrink);
    double b = (cos * dy - sin * dx) / (minor * shrink);
    double distance = (Math.sqrt(a * a + b * b) - 1) * minor * shrink;
    double result = below;
    if (wall > 0) {
      result += (wallValue - result) * coverage(distance, edge);
      distance += wall;
    }
    return result + (value - result) * coverage(distance, edge);
  }

  /** The share of a pixel that lies inside an edge of this width at this signed distance. */
  static double coverage(double distance, double edge) {
    double inside = 0.5 - distance / edge;
    return inside <= 0 ? 0 : inside >= 1 ? 1 : inside;
  }
}
