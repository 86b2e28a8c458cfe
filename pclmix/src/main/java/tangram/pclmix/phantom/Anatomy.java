package tangram.pclmix.phantom;

import tangram.tensor.CounterRandom;

/**
 * One patient's heart: parameters drawn once, from which every section along the long axis follows,
 * so that slices of a volume fit together. Lengths in millimetres; the origin of a section is the
 * left ventricle's axis; z is 0 at the base (valve plane) and 1 near the apex.
 *
 * <p>The left ventricle is a half-ellipsoid-like shell with elliptic and threefold deformation and
 * an uneven wall; the right ventricle is a crescent wrapped around it that narrows and ends before
 * the apex. Above the base the same cavities continue with thin walls as atrium and outflow tract,
 * which are background in the truth, as in ACDC.
 */
final class Anatomy {
  private final double radius;
  private final double wall;
  private final double wallUnevenness;
  private final double wallDirection;
  private final double ovalness;
  private final double ovalDirection;
  private final double threefold;
  private final double threefoldDirection;
  private final double cavityEnd;
  private final double rightDepth;
  private final double rightHalfAngle;
  private final double rightDirection;
  private final double rightTwist;
  private final double rightSkew;
  private final double rightFullness;
  private final double rightEnd;
  private final double rightWallThickness;
  private final double tiltX;
  private final double tiltY;
  private final double length;

  Anatomy(CounterRandom random) {
    radius = Draw.uniform(random, 27, 37);
    // A wide wall with a small heart is systole or hypertrophy, a thin one with a large heart is
    // dilation; a cavity of at least 12 mm stays.
    wall = Math.min(Draw.uniform(random, 6.5, 14), radius - 13);
    wallUnevenness = Draw.uniform(random, 0, 0.25);
    wallDirection = Draw.angle(random);
    ovalness = Draw.uniform(random, 0, 0.09);
    ovalDirection = Draw.angle(random);
    threefold = Draw.uniform(random, 0, 0.03);
    threefoldDirection = Draw.angle(random);
    cavityEnd = Draw.uniform(random, 0.96, 1.06);
    rightDepth = Draw.uniform(random, 20, 36);
    rightHalfAngle = Draw.uniform(random, 0.95, 1.35);
    // To the left of the picture (the patient's right), from up-left to down-left.
    rightDirection = Math.PI + Draw.uniform(random, -0.7, 0.7);
    rightTwist = Draw.uniform(random, -0.4, 0.4);
    rightSkew = Draw.uniform(random, -0.4, 0.4);
    rightFullness = Draw.uniform(random, 0.5, 0.85);
    rightEnd = Draw.uniform(random, 0.78, 0.98);
    rightWallThickness = Draw.uniform(random, 2.2, 4);
    tiltX = Draw.uniform(random, -14, 14);
    tiltY = Draw.uniform(random, -14, 14);
    length = Draw.uniform(random, 75, 100);
  }

  /** The distance from base to apex. */
  double length() {
    return length;
  }

  /** How far the left ventricle's axis has moved sideways at z, against the middle. */
  double axisX(double z) {
    return tiltX * (z - 0.5);
  }

  /** How far the left ventricle's axis has moved down at z, against the middle. */
  double axisY(double z) {
    return tiltY * (z - 0.5);
  }

  /** The direction from the left ventricle to the right ventricle at z. */
  double rightDirection(double z) {
    return rightDirection + rightTwist * (z - 0.5);
  }

  /** The section at z of a slice that is {@code thickness} thick (in units of z). */
  HeartSection section(double z, double thickness) {
    double[] outer = new double[Contour.ANGLES];
    double[] inner = new double[Contour.ANGLES];
    double[] right = new double[Contour.ANGLES];
    boolean beyondBase = z < 0;
    double end = apexEnd();
    double rightSize = 1 - power18(Math.max(z, 0) / rightEnd);
    double halfAngle = rightHalfAngle * (1 - 0.45 * square(Math.max(z, 0) / rightEnd));
    double direction = rightDirection(z);
    for (int i = 0; i < Contour.ANGLES; i++) {
      double angle = Contour.angle(i);
      double shape =
          1
              + ovalness * StrictMath.cos(2 * (angle - ovalDirection))
              + threefold * StrictMath.cos(3 * (angle - threefoldDirection - z));
      double wallHere =
          wall * (1 + wallUnevenness * StrictMath.cos(angle - wallDirection - 0.8 * z));
      outer[i] = radius * shape * taper(z / end);
      inner[i] = beyondBase ? outer[i] - 3 : radius * shape * taper(z / cavityEnd) - wallHere;
      double t = wrap(angle - direction) / halfAngle;
      double profile =
          Math.abs(t) < 1
              ? StrictMath.pow(1 - t * t, rightFullness) * (1 + rightSkew * t)
              : -(Math.abs(t) - 1);
      right[i] =
          rightSize <= 0 ? outer[i] - 6 : outer[i] + Math.max(-6, rightDepth * rightSize * profile);
    }
    double outerEdge = Math.abs(radius * (taper((z + thickness) / end) - taper(z / end)));
    double innerEdge =
        Math.abs(radius * (taper((z + thickness) / cavityEnd) - taper(z / cavityEnd)));
    Contour epicardium = new Contour(outer, outerEdge);
    Contour rightOutside = new Contour(right, rightSize <= 0 ? 0 : outerEdge);
    return new HeartSection(
        epicardium,
        new Contour(inner, innerEdge),
        rightOutside,
        epicardium.around(rightOutside, rightSize <= 0 ? 0 : rightWallThickness),
        rightSize > 0,
        rightWallThickness,
        direction,
        halfAngle,
        beyondBase);
  }

  /** Where the muscle ends; beyond the cavity's end, so that the apex is capped. */
  private double apexEnd() {
    return cavityEnd + 0.06;
  }

  /** The ventricle's relative radius along the long axis, negative beyond its end. */
  private static double taper(double t) {
    if (t >= 1) {
      return -0.02 - (t - 1);
    }
    double s = Math.max(t, 0);
    return Math.sqrt(1 - s * s * Math.sqrt(s));
  }

  private static double power18(double t) {
    return t <= 0 ? 0 : StrictMath.pow(t, 1.8);
  }

  private static double square(double t) {
    return t * t;
  }

  /** Brings an angle into [-pi, pi]. */
  static double wrap(double angle) {
    return angle - 2 * Math.PI * Math.rint(angle / (2 * Math.PI));
  }
}
