package tangram.pclmix.metrics;

import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * The 95th percentile Hausdorff distance (HD95) of two masks.
 *
 * <p>The surface of a mask are its voxels with at least one of their six neighbours outside the
 * mask (beyond the border of the volume is outside); in a volume of one slice they are the outline,
 * by the four neighbours in the slice, since above and below every voxel would be at the surface.
 * For every surface voxel of one mask take the distance to the nearest surface voxel of the other,
 * in both directions; HD95 is the 95th percentile of all these distances together, interpolated
 * linearly between neighbouring values. This is the definition of {@code medpy.metric.binary.hd95},
 * of a single slice that for the slice as a two-dimensional array.
 */
public final class HausdorffDistance {
  private HausdorffDistance() {}

  /**
   * HD95 of two masks that are both marked somewhere.
   *
   * @param a mask [depth][height][width]
   * @param b mask [depth][height][width]
   * @param grid the masks' shape and spacing
   * @return the distance in the unit of the grid's spacing
   * @throws IllegalArgumentException if a mask does not match the grid or is empty: there is no
   *     distance to an empty mask
   */
  public static double hd95(boolean[] a, boolean[] b, VoxelGrid grid) {
    grid.requireLength(a.length);
    grid.requireLength(b.length);
    Box box = Box.around(a, b, grid);
    if (box == null) {
      throw new IllegalArgumentException("HD95 needs two masks that are not empty");
    }
    // Everything outside the box that holds both masks is outside both, so nothing is lost there:
    // surfaces keep their voxels, and each nearest surface voxel lies in the box.
    VoxelGrid cropped = box.grid(grid);
    boolean[] surfaceA = surface(box.crop(a, grid), cropped, grid.depth() == 1);
    boolean[] surfaceB = surface(box.crop(b, grid), cropped, grid.depth() == 1);
    int countA = Dice.count(surfaceA);
    int countB = Dice.count(surfaceB);
    if (countA == 0 || countB == 0) {
      throw new IllegalArgumentException("HD95 needs two masks that are not empty");
    }
    double[] distances = new double[Math.addExact(countA, countB)];
    distancesTo(surfaceB, surfaceA, cropped, distances, 0);
    distancesTo(surfaceA, surfaceB, cropped, distances, countA);
    return percentile95(distances);
  }

  /** 95th percentile with linear interpolation between order statistics (NumPy's default). */
  static double percentile95(double[] values) {
    return new Percentile(95).withEstimationType(Percentile.EstimationType.R_7).evaluate(values);
  }

  /** Writes the distance of every voxel of {@code from} to the nearest voxel of {@code to}. */
  private static void distancesTo(
      boolean[] to, boolean[] from, VoxelGrid grid, double[] out, int offset) {
    double[] squared = DistanceTransform.squared(to, grid);
    int n = offset;
    for (int i = 0; i < from.length; i++) {
      if (from[i]) {
        out[n++] = Math.sqrt(squared[i]);
      }
    }
  }

  /**
   * The voxels of a mask with at least one of their six neighbours outside the mask.
   *
   * @param flat whether only the four neighbours in the slice count
   */
  static boolean[] surface(boolean[] mask, VoxelGrid grid, boolean flat) {
    int depth = grid.depth();
    int height = grid.height();
    int width = grid.width();
    int slice = height * width;
    boolean[] surface = new boolean[mask.length];
    for (int z = 0; z < depth; z++) {
      for (int y = 0; y < height; y++) {
        boolean border = !flat && (z == 0 || z == depth - 1) || y == 0 || y == height - 1;
        for (int x = 0; x < width; x++) {
          int i = grid.index(z, y, x);
          surface[i] =
              mask[i]
                  && (border
                      || x == 0
                      || x == width - 1
                      || !(mask[i - 1] && mask[i + 1])
                      || !(mask[i - width] && mask[i + width])
                      || !flat && !(mask[i - slice] && mask[i + slice]));
        }
      }
    }
    return surface;
  }

  /** A box of voxels: first corner and size. */
  private record Box(int z, int y, int x, int depth, int height, int width) {

    /** The smallest box that holds both masks, or null when both are empty. */
    static Box around(boolean[] a, boolean[] b, VoxelGrid grid) {
      int z0 = Integer.MAX_VALUE;
      int y0 = Integer.MAX_VALUE;
      int x0 = Integer.MAX_VALUE;
      int z1 = -1;
      int y1 = -1;
      int x1 = -1;
      for (int z = 0; z < grid.depth(); z++) {
        for (int y = 0; y < grid.height(); y++) {
          for (int x = 0; x < grid.width(); x++) {
            int i = grid.index(z, y, x);
            if (a[i] || b[i]) {
              z0 = Math.min(z0, z);
              y0 = Math.min(y0, y);
              x0 = Math.min(x0, x);
              z1 = z;
              y1 = Math.max(y1, y);
              x1 = Math.max(x1, x);
            }
          }
        }
      }
      return z1 < 0 ? null : new Box(z0, y0, x0, z1 - z0 + 1, y1 - y0 + 1, x1 - x0 + 1);
    }

    VoxelGrid grid(VoxelGrid whole) {
      return new VoxelGrid(
          depth, height, width, whole.spacingZ(), whole.spacingY(), whole.spacingX());
    }

    boolean[] crop(boolean[] mask, VoxelGrid whole) {
      boolean[] cropped = new boolean[depth * height * width];
      for (int dz = 0; dz < depth; dz++) {
        for (int dy = 0; dy < height; dy++) {
          System.arraycopy(
              mask, whole.index(z + dz, y + dy, x), cropped, (dz * height + dy) * width, width);
        }
      }
      return cropped;
    }
  }
}
