package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.pclmix.metrics.ClassScore.Presence;

class SegmentationScoresTest {
  @Test
  void everyKindOfPresence() {
    // Class 1 in both, shifted by a column of 2 mm; 2 only in the truth; 3 only in the prediction.
    byte[] prediction = {0, 1, 0, 3};
    byte[] truth = {1, 0, 2, 0};
    SegmentationScores scores =
        SegmentationScores.of("a", 4, prediction, truth, new VoxelGrid(1, 1, 4, 10, 2, 2));
    assertEquals(new ClassScore(1, 0, 2, 1, Presence.BOTH), scores.classes().get(0));
    assertEquals(new ClassScore(2, 0, 50, 50, Presence.TRUTH_ONLY), scores.classes().get(1));
    assertEquals(new ClassScore(3, 0, 50, 50, Presence.PREDICTION_ONLY), scores.classes().get(2));

    SegmentationScores nothing =
        SegmentationScores.of("b", 4, new byte[4], new byte[4], VoxelGrid.ofVoxels(1, 2, 2));
    for (int c = 0; c < 3; c++) {
      assertEquals(new ClassScore(c + 1, 1, 0, 0, Presence.NEITHER), nothing.classes().get(c));
    }
  }

  @Test
  void withoutSpacingThereAreNoMillimetres() {
    byte[] prediction = {0, 1, 0, 3};
    byte[] truth = {1, 0, 2, 0};
    SegmentationScores scores = SegmentationScores.ofVoxels("a", 4, prediction, truth, 1, 1, 4);
    for (ClassScore score : scores.classes()) {
      assertTrue(Double.isNaN(score.hd95Mm()));
    }
    assertEquals(1, scores.classes().get(0).hd95Voxels());
    assertEquals(50, scores.classes().get(1).hd95Voxels());
  }

  @Test
  void labelsAndShapesAreChecked() {
    VoxelGrid grid = VoxelGrid.ofVoxels(1, 2, 2);
    byte[] good = new byte[4];
    assertEquals(
        "the truth holds label 4; labels are 0..3",
        assertThrows(
                IllegalArgumentException.class,
                () -> SegmentationScores.of("a", 4, good, new byte[] {0, 4, 0, 0}, grid))
            .getMessage());
    assertEquals(
        "the prediction holds label -1; labels are 0..3",
        assertThrows(
                IllegalArgumentException.class,
                () -> SegmentationScores.of("a", 4, new byte[] {0, 0, -1, 0}, good, grid))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> SegmentationScores.of("a", 4, new byte[5], good, grid));
  }
}
