package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.Labels;
import tangram.pclmix.metrics.ClassScore.Presence;

class EvaluationTest {
  private static final SegmentationScores FIRST =
      new SegmentationScores(
          "first",
          List.of(
              new ClassScore(1, 0.5, 4, 2, Presence.BOTH),
              new ClassScore(2, 0.7, 6, 3, Presence.BOTH),
              new ClassScore(3, 0.9, 2, 1, Presence.BOTH)));
  private static final SegmentationScores SECOND =
      new SegmentationScores(
          "second, late",
          List.of(
              new ClassScore(1, 0, 50, 50, Presence.TRUTH_ONLY),
              new ClassScore(2, 0.8, 8, 5, Presence.BOTH),
              new ClassScore(3, 0, 50, 50, Presence.PREDICTION_ONLY)));

  @Test
  void meansAndDeviations() {
    Evaluation evaluation = new Evaluation(Labels.HEART, List.of(FIRST, SECOND));
    Evaluation.Column rv = evaluation.column(1);
    assertEquals("RV", rv.name());
    assertEquals(0.25, rv.dice().mean(), 1e-12);
    // Population: the root of ((0.5 - 0.25)^2 + (0 - 0.25)^2) / 2.
    assertEquals(0.25, rv.dice().standardDeviation(), 1e-12);
    assertEquals(27, rv.hd95Mm().mean(), 1e-12);
    assertEquals(23, rv.hd95Mm().standardDeviation(), 1e-12);
    assertEquals(26, rv.hd95Voxels().mean(), 1e-12);
    assertEquals(1, rv.truthOnly());
    assertEquals(0, rv.predictionOnly());

    // Averages of the volumes: Dice 0.7 and 0.8 / 3, HD95 4 and 36 mm.
    Evaluation.Column average = evaluation.average();
    assertEquals((0.7 + 0.8 / 3) / 2, average.dice().mean(), 1e-12);
    assertEquals((0.7 - 0.8 / 3) / 2, average.dice().standardDeviation(), 1e-12);
    assertEquals(20, average.hd95Mm().mean(), 1e-12);
    assertEquals(16, average.hd95Mm().standardDeviation(), 1e-12);
    assertEquals(1, average.truthOnly());
    assertEquals(1, average.predictionOnly());
    assertEquals(2, evaluation.missingCount());
  }

  @Test
  void csv(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("scores.csv");
    new Evaluation(Labels.HEART, List.of(FIRST, SECOND)).writeCsv(file);
    assertEquals(
        """
        case,class,dice,hd95_mm,hd95_voxels
        first,1,0.500000,4.000000,2.000000
        first,2,0.700000,6.000000,3.000000
        first,3,0.900000,2.000000,1.000000
        "second, late",1,0.000000,50.000000,50.000000
        "second, late",2,0.800000,8.000000,5.000000
        "second, late",3,0.000000,50.000000,50.000000
        """,
        Files.readString(file));
  }

  @Test
  void csvLeavesUnknownMillimetresEmpty() throws IOException {
    StringBuilder out = new StringBuilder();
    byte[] labels = {1, 0};
    Evaluation evaluation =
        new Evaluation(
            Labels.HEART, List.of(SegmentationScores.ofVoxels("v", 4, labels, labels, 1, 1, 2)));
    evaluation.writeCsv(out);
    assertEquals("v,1,1.000000,,0.000000", out.toString().lines().toList().get(1));
    assertFalse(evaluation.hasMillimetres());
    assertTrue(evaluation.table().contains("HD95, voxels"));
  }

  @Test
  void table() {
    String table = new Evaluation(Labels.HEART, List.of(FIRST, SECOND)).table();
    assertEquals(
        """
                                   RV              Myo               LV          Average
        Dice            0.250 (0.250)    0.750 (0.050)    0.450 (0.450)    0.483 (0.217)
        HD95, mm        27.00 (23.00)      7.00 (1.00)    26.00 (24.00)    20.00 (16.00)
        Not found                   1                0                0                1
        Not there                   0                0                1                1
        Mean (standard deviation) over 2 volumes.
        Not found: in the truth but not predicted; not there: predicted but not in
        the truth. These count as Dice 0 and HD95 50.
        """,
        table);
    assertTrue(table.lines().allMatch(line -> line.length() <= 80));
    String complete = new Evaluation(Labels.HEART, List.of(FIRST)).table();
    assertFalse(complete.contains("Not found"));
    assertTrue(complete.contains("over 1 volume."));
  }

  @Test
  void nothingToEvaluate() {
    assertThrows(IllegalArgumentException.class, () -> new Evaluation(Labels.HEART, List.of()));
  }
}
