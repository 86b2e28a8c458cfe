package tangram.pclmix.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Points in order of x; where y is NaN there is a gap.
 *
 * @param x finite, ascending
 * @param y as many
 */
record Points(double[] x, double[] y) {
  Points {
    if (x.length != y.length) {
      throw new IllegalArgumentException(x.length + " x for " + y.length + " y");
    }
  }

  /**
   * The same curve with at most two points for each column: the least and the greatest, so that no
   * peak is lost. Gaps of a whole column stay.
   */
  Points thinned(int columns) {
    if (x.length <= 2 * columns) {
      return this;
    }
    double low = x[0];
    double width = (x[x.length - 1] - low) / columns;
    double[] toX = new double[2 * columns + 2];
    double[] toY = new double[2 * columns + 2];
    int count = 0;
    for (int from = 0; from < x.length; ) {
      int column = column(x[from], low, width, columns);
      int least = -1;
      int greatest = -1;
      int to = from;
      for (; to < x.length && column(x[to], low, width, columns) == column; to++) {
        if (!Double.isNaN(y[to])) {
          least = least < 0 || y[to] < y[least] ? to : least;
          greatest = greatest < 0 || y[to] > y[greatest] ? to : greatest;
        }
      }
      int first = least < 0 ? from : Math.min(least, greatest);
      int second = Math.max(least, greatest);
      toX[count] = x[first];
      toY[count++] = y[first];
      if (second > first) {
        toX[count] = x[second];
        toY[count++] = y[second];
      }
      from = to;
    }
    return new Points(Arrays.copyOf(toX, count), Arrays.copyOf(toY, count));
  }

  private static int column(double x, double low, double width, int columns) {
    return width > 0 ? Math.min(columns - 1, (int) ((x - low) / width)) : 0;
  }

  /** The mean over a number of points to either side, of those that are there; gaps stay. */
  Points smoothed(int reach) {
    double[] sums = new double[y.length + 1];
    int[] counts = new int[y.length + 1];
    for (int i = 0; i < y.length; i++) {
      boolean there = Double.isFinite(y[i]);
      sums[i + 1] = sums[i] + (there ? y[i] : 0);
      counts[i + 1] = counts[i] + (there ? 1 : 0);
    }
    double[] mean = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      int from = Math.max(0, i - reach);
      int to = Math.min(y.length, i + reach + 1);
      int n = counts[to] - counts[from];
      mean[i] = Double.isNaN(y[i]) || n == 0 ? Double.NaN : (sums[to] - sums[from]) / n;
    }
    return new Points(x, mean);
  }

  /** The stretches between gaps, [x or y][points]; numbers that are not finite are gaps too. */
  List<double[][]> stretches() {
    List<double[][]> stretches = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= x.length; i++) {
      if (i == x.length || !Double.isFinite(x[i]) || !Double.isFinite(y[i])) {
        if (i > from) {
          stretches.add(
              new double[][] {Arrays.copyOfRange(x, from, i), Arrays.copyOfRange(y, from, i)});
        }
        from = i + 1;
      }
    }
    return stretches;
  }
}
