package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/** Comparison of arrays relative to their scale. */
final class Closeness {
  private Closeness() {}

  /**
   * Fails unless {@code |actual - expected| <= tolerance * scale} everywhere, where the scale is
   * the largest expected magnitude, or floor where that is larger.
   */
  static void assertClose(
      String where, double[] expected, double[] actual, double tolerance, double floor) {
    assertEquals(expected.length, actual.length, where + ": number of elements");
    double scale = floor;
    for (double v : expected) {
      if (!Double.isFinite(v)) {
        fail(where + ": the expected values are not finite");
      }
      scale = Math.max(scale, Math.abs(v));
    }
    int worst = -1;
    double worstError = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      // Written so that NaN counts as wrong.
      if (!(error <= tolerance * scale) && !(error <= worstError)) {
        worst = i;
        worstError = error;
      }
    }
    if (worst >= 0) {
      fail(
          String.format(
              "%s[%d] of %d is %s, expected %s: error %.2e of scale %.3g, allowed %.0e",
              where,
              worst,
              expected.length,
              actual[worst],
              expected[worst],
              worstError / scale,
              scale,
              tolerance));
    }
  }
}
