package tangram.compare;

import java.util.Locale;

/** Whether the two sides computed the same numbers. */
final class Agreement {
  private Agreement() {}

  /** Euclidean distance of two arrays, relative to the norm of the second. */
  static double distance(float[] ours, float[] theirs) {
    if (ours.length != theirs.length) {
      throw new IllegalArgumentException(
          "arrays of " + ours.length + " and " + theirs.length + " elements");
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < ours.length; i++) {
      double d = (double) ours[i] - theirs[i];
      difference += d * d;
      norm += (double) theirs[i] * theirs[i];
    }
    return Math.sqrt(difference / norm);
  }

  /**
   * Demands that two arrays are nearly the same. One wrong element among a million shows: it alone
   * makes a distance of about 1e-3.
   *
   * @param what the arrays, for the message
   * @param tolerance largest {@link #distance}
   * @throws DisagreementException if they are farther apart, or not numbers
   */
  static void check(String what, float[] ours, float[] theirs, double tolerance) {
    check(what, distance(ours, theirs), tolerance);
  }

  /**
   * Demands that two numbers are nearly the same.
   *
   * @param tolerance largest difference, relative to theirs
   * @throws DisagreementException if they are farther apart, or not numbers
   */
  static void check(String what, double ours, double theirs, double tolerance) {
    if (ours != theirs) {
      check(
          what + " (" + ours + " and " + theirs + ")",
          Math.abs(ours - theirs) / Math.abs(theirs),
          tolerance);
    }
  }

  private static void check(String what, double distance, double tolerance) {
    if (!(distance <= tolerance)) {
      throw new DisagreementException(
          String.format(
              Locale.ROOT,
              "the two sides disagree on %s: a relative distance of %.2g, where %.0e is allowed.",
              what,
              distance,
              tolerance));
    }
  }
}
