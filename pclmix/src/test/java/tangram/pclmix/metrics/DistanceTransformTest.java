package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistanceTransformTest {
  @Test
  void byHand() {
    // One marked voxel in a slice of 2x3, spacing 2 between rows and 3 between columns.
    boolean[] marked = {false, true, false, false, false, false};
    assertArrayEquals(
        new double[] {9, 0, 9, 13, 4, 13},
        DistanceTransform.squared(marked, new VoxelGrid(1, 2, 3, 7, 2, 3)),
        1e-12);
  }

  @Test
  void nothingMarkedIsInfinitelyFar() {
    double[] infinite = new double[8];
    Arrays.fill(infinite, Double.POSITIVE_INFINITY);
    assertArrayEquals(
        infinite, DistanceTransform.squared(new boolean[8], VoxelGrid.ofVoxels(2, 2, 2)));
  }

  @Test
  void equalsBruteForceOnRandomVolumes() {
    Random random = new Random(7);
    for (int trial = 0; trial < 200; trial++) {
      VoxelGrid grid = BruteForce.randomGrid(random);
      double share = new double[] {0, 0.02, 0.2, 0.7}[trial % 4];
      boolean[] marked = BruteForce.randomMask(random, grid, share);
      assertArrayEquals(
          BruteForce.squaredDistances(marked, grid),
          DistanceTransform.squared(marked, grid),
          1e-9,
          () -> "grid " + grid);
    }
  }

  @Test
  void maskMustCoverTheGrid() {
    assertThrows(
        IllegalArgumentException.class,
        () -> DistanceTransform.squared(new boolean[7], VoxelGrid.ofVoxels(2, 2, 2)));
  }
}
