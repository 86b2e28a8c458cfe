package tangram.pclmix.metrics;

/**
 * Exact Euclidean distance transform: the distance from every voxel to the nearest marked voxel.
 *
 * <p>Squared distance is a sum over the axes, so one pass along each axis is enough: a pass
 * replaces every line f by {@code g(p) = min_q (f(q) + (s (p - q))^2)}, the lower envelope of
 * parabolas rooted at the voxels of the line, in time linear in its length. Source: P. Felzenszwalb
 * and D. Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8, 2012. The
 * spacing s may differ from axis to axis.
 */
public final class DistanceTransform {
  private final VoxelGrid grid;
  private final double[] values;

  // One line at a time: its values, the voxels whose parabolas form the envelope, and where each
  // of these takes over from the one before.
  private final double[] line;
  private final int[] roots;
  private final double[] starts;

  private DistanceTransform(VoxelGrid grid, double[] values) {
    this.grid = grid;
    this.values = values;
    int longest = Math.max(grid.depth(), Math.max(grid.height(), grid.width()));
    line = new double[longest];
    roots = new int[longest];
    starts = new double[longest];
  }

  /**
   * Squared distance from every voxel to the nearest marked voxel, in the grid's unit squared;
   * infinite everywhere when no voxel is marked.
   *
   * @param marked [depth][height][width]
   */
  public static double[] squared(boolean[] marked, VoxelGrid grid) {
    grid.requireLength(marked.length);
    double[] values = new double[marked.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = marked[i] ? 0 : Double.POSITIVE_INFINITY;
    }
    new DistanceTransform(grid, values).run();
    return values;
  }

  private void run() {
    int depth = grid.depth();
    int height = grid.height();
    int width = grid.width();
    for (int z = 0; z < depth; z++) {
      for (int y = 0; y < height; y++) {
        pass(grid.index(z, y, 0), 1, width, grid.spacingX());
      }
    }
    for (int z = 0; z < depth; z++) {
      for (int x = 0; x < width; x++) {
        pass(grid.index(z, 0, x), width, height, grid.spacingY());
      }
    }
    for (int i = 0; i < height * width; i++) {
      pass(i, height * width, depth, grid.spacingZ());
    }
  }

  /** Transforms the line of {@code length} values that starts at an offset and has a stride. */
  private void pass(int offset, int stride, int length, double spacing) {
    double weight = spacing * spacing;
    int last = -1;
    for (int q = 0; q < length; q++) {
      double value = values[offset + q * stride];
      line[q] = value;
      if (value == Double.POSITIVE_INFINITY) {
        continue; // no parabola is rooted here
      }
      double start = Double.NEGATIVE_INFINITY;
      while (last >= 0) {
        start = intersection(roots[last], q, weight);
        if (start > starts[last]) {
          break;
        }
        last--;
      }
      last++;
      roots[last] = q;
      starts[last] = last == 0 ? Double.NEGATIVE_INFINITY : start;
    }
    if (last < 0) {
      return; // nothing marked on this line yet: it stays infinite
    }
    int k = 0;
    for (int p = 0; p < length; p++) {
      while (k < last && starts[k + 1] < p) {
        k++;
      }
      double step = p - roots[k];
      values[offset + p * stride] = line[roots[k]] + weight * step * step;
    }
  }

  /** Where the parabola rooted at q falls below the one rooted at r, r before q. */
  private double intersection(int r, int q, double weight) {
    return ((line[q] - line[r]) / weight + ((double) q * q - (double) r * r)) / (2.0 * (q - r));
  }
}
