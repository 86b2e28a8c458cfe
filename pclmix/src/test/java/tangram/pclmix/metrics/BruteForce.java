package tangram.pclmix.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The metrics by definition, comparing every voxel with every other: slow and obvious. */
final class BruteForce {
  private BruteForce() {}

  /** Squared distance of every voxel to the nearest marked one. */
  static double[] squaredDistances(boolean[] marked, VoxelGrid grid) {
    double[] out = new double[grid.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Double.POSITIVE_INFINITY;
      for (int j = 0; j < out.length; j++) {
        if (marked[j]) {
          out[i] = Math.min(out[i], squaredDistance(i, j, grid));
        }
      }
    }
    return out;
  }

  static double hd95(boolean[] a, boolean[] b, VoxelGrid grid) {
    List<Integer> surfaceA = surface(a, grid);
    List<Integer> surfaceB = surface(b, grid);
    List<Double> pooled = new ArrayList<>();
    surfaceA.forEach(i -> pooled.add(nearest(i, surfaceB, grid)));
    surfaceB.forEach(i -> pooled.add(nearest(i, surfaceA, grid)));
    double[] sorted = pooled.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    double rank = 0.95 * (sorted.length - 1);
    int below = (int) rank;
    double above = sorted[Math.min(below + 1, sorted.length - 1)];
    return sorted[below] + (rank - below) * (above - sorted[below]);
  }

  private static double nearest(int voxel, List<Integer> surface, VoxelGrid grid) {
    double best = Double.POSITIVE_INFINITY;
    for (int other : surface) {
      best = Math.min(best, squaredDistance(voxel, other, grid));
    }
    return Math.sqrt(best);
  }

  private static List<Integer> surface(boolean[] mask, VoxelGrid grid) {
    int[][] all = {{0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {-1, 0, 0}};
    int[][] steps = grid.depth() == 1 ? Arrays.copyOf(all, 4) : all;
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < mask.length; i++) {
      int[] p = position(i, grid);
      boolean onSurface = false;
      for (int[] step : steps) {
        onSurface |= !marked(mask, p[0] + step[0], p[1] + step[1], p[2] + step[2], grid);
      }
      if (mask[i] && onSurface) {
        out.add(i);
      }
    }
    return out;
  }

  private static boolean marked(boolean[] mask, int z, int y, int x, VoxelGrid grid) {
    boolean inside =
        z >= 0 && z < grid.depth() && y >= 0 && y < grid.height() && x >= 0 && x < grid.width();
    return inside && mask[(z * grid.height() + y) * grid.width() + x];
  }

  private static double squaredDistance(int i, int j, VoxelGrid grid) {
    int[] p = position(i, grid);
    int[] q = position(j, grid);
    double dz = (p[0] - q[0]) * grid.spacingZ();
    double dy = (p[1] - q[1]) * grid.spacingY();
    double dx = (p[2] - q[2]) * grid.spacingX();
    return dz * dz + dy * dy + dx * dx;
  }

  private static int[] position(int i, VoxelGrid grid) {
    int slice = grid.height() * grid.width();
    return new int[] {i / slice, i % slice / grid.width(), i % grid.width()};
  }

  /** A grid of random size up to 6x9x10 and random spacing, different along every axis. */
  static VoxelGrid randomGrid(Random random) {
    return new VoxelGrid(
        1 + random.nextInt(6),
        1 + random.nextInt(9),
        1 + random.nextInt(10),
        0.3 + 10 * random.nextDouble(),
        0.3 + 2 * random.nextDouble(),
        0.3 + 2 * random.nextDouble());
  }

  /** A mask with the given share of marked voxels, at least one. */
  static boolean[] randomMask(Random random, VoxelGrid grid, double share) {
    boolean[] mask = new boolean[grid.size()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = random.nextDouble() < share;
    }
    mask[random.nextInt(mask.length)] = true;
    return mask;
  }
}
