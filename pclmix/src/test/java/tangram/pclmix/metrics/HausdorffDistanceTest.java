package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HausdorffDistanceTest {
  @Test
  void twoSingleVoxels() {
    VoxelGrid grid = new VoxelGrid(3, 4, 5, 10, 2, 1);
    boolean[] a = new boolean[grid.size()];
    boolean[] b = new boolean[grid.size()];
    a[grid.index(0, 0, 0)] = true;
    b[grid.index(1, 3, 4)] = true;
    // Steps of (1, 3, 4) voxels: 10, 6 and 4 mm.
    assertEquals(Math.sqrt(100 + 36 + 16), HausdorffDistance.hd95(a, b, grid), 1e-12);
    assertEquals(Math.sqrt(1 + 9 + 16), HausdorffDistance.hd95(a, b, grid.inVoxels()), 1e-12);
  }

  @Test
  void percentileIsPooledAndInterpolated() {
    // a: voxel 0. b: voxels 0 and 10. Distances a->b: 0; b->a: 0, 10. The 95th percentile of
    // {0, 0, 10} lies at rank 1.9: 0 + 0.9 * 10.
    VoxelGrid grid = VoxelGrid.ofVoxels(1, 1, 11);
    boolean[] a = new boolean[11];
    boolean[] b = new boolean[11];
    a[0] = true;
    b[0] = true;
    b[10] = true;
    assertEquals(9, HausdorffDistance.hd95(a, b, grid), 1e-12);
    assertEquals(9, HausdorffDistance.hd95(b, a, grid), 1e-12);
  }

  @Test
  void percentileEqualsNumPy() {
    // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], 95)
    double[] values = {3, 1, 4, 1, 5, 9, 2, 6};
    assertEquals(7.95, HausdorffDistance.percentile95(values), 1e-12);
    assertEquals(4, HausdorffDistance.percentile95(new double[] {4}), 0);
  }

  @Test
  void surfaceLeavesOutInnerVoxels() {
    VoxelGrid grid = VoxelGrid.ofVoxels(3, 3, 3);
    boolean[] full = new boolean[27];
    Arrays.fill(full, true);
    boolean[] expected = full.clone();
    expected[13] = false; // the centre alone has all its six neighbours
    assertArrayEquals(expected, HausdorffDistance.surface(full, grid, false));

    // Without one corner the centre still has its six neighbours; without a face centre it is
    // surface.
    full[0] = false;
    expected[0] = false;
    assertArrayEquals(expected, HausdorffDistance.surface(full, grid, false));
    full[4] = false;
    expected[4] = false;
    expected[13] = true;
    assertArrayEquals(expected, HausdorffDistance.surface(full, grid, false));
  }

  @Test
  void innerVoxelsDoNotCount() {
    // A solid cube and its shell have the same surface. Were the 27 voxels inside counted, 12 % of
    // the distances would be 1 or more.
    VoxelGrid grid = VoxelGrid.ofVoxels(5, 5, 5);
    boolean[] solid = new boolean[125];
    Arrays.fill(solid, true);
    boolean[] shell = HausdorffDistance.surface(solid, grid, false);
    assertEquals(98, Dice.count(shell));
    assertEquals(0, HausdorffDistance.hd95(solid, shell, grid));
  }

  /** medpy's value for the two discs as two-dimensional arrays. */
  @Test
  void aSingleSliceIsMeasuredByItsOutline() {
    VoxelGrid grid = VoxelGrid.ofVoxels(1, 64, 64);
    boolean[] a = new boolean[64 * 64];
    boolean[] b = new boolean[64 * 64];
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.hypot(i / 64 - 32, i % 64 - 32) < 15;
      b[i] = Math.hypot(i / 64 - 32, i % 64 - 36) < 15;
    }
    assertEquals(4, HausdorffDistance.hd95(a, b, grid), 1e-9);
  }

  @Test
  void equalsBruteForceOnRandomVolumes() {
    Random random = new Random(11);
    for (int trial = 0; trial < 200; trial++) {
      VoxelGrid grid = BruteForce.randomGrid(random);
      boolean[] a = BruteForce.randomMask(random, grid, trial % 2 == 0 ? 0.8 : 0.03);
      boolean[] b = BruteForce.randomMask(random, grid, trial % 3 == 0 ? 0.8 : 0.03);
      double expected = BruteForce.hd95(a, b, grid);
      assertEquals(expected, HausdorffDistance.hd95(a, b, grid), 1e-9, () -> "grid " + grid);
      assertEquals(expected, HausdorffDistance.hd95(b, a, grid), 1e-9, () -> "grid " + grid);
    }
  }

  @Test
  void emptyMasksHaveNoDistance() {
    VoxelGrid grid = VoxelGrid.ofVoxels(1, 2, 2);
    boolean[] empty = new boolean[4];
    boolean[] one = {false, true, false, false};
    assertThrows(IllegalArgumentException.class, () -> HausdorffDistance.hd95(empty, empty, grid));
    assertThrows(IllegalArgumentException.class, () -> HausdorffDistance.hd95(empty, one, grid));
    assertThrows(IllegalArgumentException.class, () -> HausdorffDistance.hd95(one, empty, grid));
  }

  @Test
  void gridsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> VoxelGrid.ofVoxels(0, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> VoxelGrid.ofVoxels(2000, 2000, 2000));
    assertThrows(IllegalArgumentException.class, () -> new VoxelGrid(1, 2, 2, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new VoxelGrid(1, 2, 2, 1, Double.NaN, 1));
  }
}
