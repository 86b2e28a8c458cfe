package tangram.pclmix.chart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Thinning, smoothing and gaps. */
class PointsTest {
  private static final double GAP = Double.NaN;

  private static double[] x(int n) {
    return IntStream.range(0, n).asDoubleStream().toArray();
  }

  @Test
  void thinningKeepsEveryPeakTheEndsOrderAndGaps() {
    int n = 60_000;
    double[] y = new double[n];
    y[12_345] = 7;
    y[45_678] = -3;
    Arrays.fill(y, 20_000, 30_000, GAP);
    Points thin = new Points(x(n), y).thinned(400);
    assertTrue(thin.x().length <= 800, "still " + thin.x().length + " points");
    assertTrue(thin.x().length >= 400);
    int peak = Arrays.binarySearch(thin.x(), 12_345);
    assertEquals(7, thin.y()[peak]);
    assertEquals(-3, thin.y()[Arrays.binarySearch(thin.x(), 45_678)]);
    for (int i = 1; i < thin.x().length; i++) {
      assertTrue(thin.x()[i] > thin.x()[i - 1]);
    }
    assertEquals(2, thin.stretches().size());
    assertTrue(thin.x()[thin.x().length - 1] > n - 200);
  }

  @Test
  void fewPointsStayAsTheyAre() {
    Points points = new Points(x(5), new double[] {1, 2, 3, 4, 5});
    assertEquals(points, points.thinned(3));
  }

  @Test
  void theMeanLooksBothWays() {
    Points line = new Points(x(7), new double[] {0, 2, 4, 6, 8, 10, 12});
    // Half of the reach is missing at the ends.
    assertArrayEquals(new double[] {2, 3, 4, 6, 8, 9, 10}, line.smoothed(2).y(), 1e-12);
    double[] step = {0, 0, 0, 3, 3, 3};
    assertArrayEquals(
        new double[] {0, 0, 1, 2, 3, 3}, new Points(x(6), step).smoothed(1).y(), 1e-12);
  }

  @Test
  void theMeanLeavesGapsOut() {
    double[] y = {1, 3, GAP, 5, 7};
    assertArrayEquals(new double[] {2, 2, GAP, 6, 6}, new Points(x(5), y).smoothed(1).y(), 1e-12);
  }

  @Test
  void stretchesEndAtGapsAndInfinities() {
    double[] y = {GAP, 1, 2, Double.POSITIVE_INFINITY, 3, GAP};
    var stretches = new Points(x(6), y).stretches();
    assertEquals(2, stretches.size());
    assertArrayEquals(new double[] {1, 2}, stretches.get(0)[0]);
    assertArrayEquals(new double[] {3}, stretches.get(1)[1]);
  }
}
