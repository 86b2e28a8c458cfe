package tangram.pclmix.chart;

import java.util.Arrays;

/** A curve of a {@link LineChart} and how it is to be drawn. Immutable. */
public final class Series {
  private final String name;
  private final Points points;
  private final Paint paint;
  private final double[] errors;
  private final boolean markers;
  private final boolean smoothed;
  private final boolean highlighted;
  private final boolean dashed;

  private Series(
      String name,
      Points points,
      Paint paint,
      double[] errors,
      boolean markers,
      boolean smoothed,
      boolean highlighted,
      boolean dashed) {
    this.name = name;
    this.points = points;
    this.paint = paint;
    this.errors = errors;
    this.markers = markers;
    this.smoothed = smoothed;
    this.highlighted = highlighted;
    this.dashed = dashed;
  }

  /**
   * A thin line.
   *
   * @param name for the legend
   * @param x ascending
   * @param y as many; NaN makes a gap
   * @throws IllegalArgumentException if there are not as many, or x is not finite and ascending
   */
  public static Series of(String name, double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(x[i]) || (i > 0 && x[i] < x[i - 1])) {
        throw new IllegalArgumentException(name + ": x must ascend and be finite");
      }
    }
    return new Series(
        name, new Points(x.clone(), y.clone()), null, null, false, false, false, false);
  }

  /** In this colour, 0xRRGGBB. */
  public Series colour(int rgb) {
    return new Series(name, points, Paint.of(rgb), errors, markers, smoothed, highlighted, dashed);
  }

  /**
   * With bars of this much up and down; NaN for none.
   *
   * @throws IllegalArgumentException if there are not as many as points
   */
  public Series errors(double[] deviations) {
    if (deviations.length != points.x().length) {
      throw new IllegalArgumentException(
          name + ": " + deviations.length + " errors for " + points.x().length + " points");
    }
    return new Series(
        name, points, paint, deviations.clone(), markers, smoothed, highlighted, dashed);
  }

  /** With a dot at every point, which tells its value. */
  public Series markers() {
    return new Series(name, points, paint, errors, true, smoothed, highlighted, dashed);
  }

  /** Faint, with its moving mean over it: for losses. */
  public Series smoothed() {
    return new Series(name, points, paint, errors, markers, true, highlighted, dashed);
  }

  /** Thick: what the others are compared with. */
  public Series highlighted() {
    return new Series(name, points, paint, errors, markers, smoothed, true, dashed);
  }

  /** With a dashed line. */
  public Series dashed() {
    return new Series(name, points, paint, errors, markers, smoothed, highlighted, true);
  }

  String name() {
    return name;
  }

  Points points() {
    return points;
  }

  /** The colour asked for, or that of the series' number. */
  Paint paint(int number) {
    return paint == null ? Paint.ofSeries(number) : paint;
  }

  /** The bar at a point; NaN for none. */
  double error(int index) {
    return errors == null ? Double.NaN : errors[index];
  }

  boolean hasErrors() {
    return errors != null && Arrays.stream(errors).anyMatch(e -> e > 0);
  }

  boolean hasMarkers() {
    return markers;
  }

  boolean isSmoothed() {
    return smoothed;
  }

  boolean isDashed() {
    return dashed;
  }

  /** Thickness of the line. */
  double thickness() {
    return highlighted ? 3 : 1.6;
  }
}
