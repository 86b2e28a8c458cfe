package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Notices;
import tangram.pclmix.metrics.ClassScore.Presence;

class PairEvaluationTest {
  private static final double[] SPACING = {10, 2, 1.5};

  @TempDir private Path folder;

  /** Writes a file of the given sizes; spacing 10 x 2 x 1.5 mm. */
  private void write(String name, int depth, int height, int width, int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    Nifti.write(folder.resolve(name), NiftiHeader.of(depth, height, width, SPACING), bytes);
  }

  private String messageOfFailure() {
    String message =
        assertThrows(
                DataException.class,
                () -> PairEvaluation.evaluate(folder, Labels.HEART, false, new Notices()))
            .getMessage();
    return message.replace(folder.toString(), "FOLDER").replace('\\', '/');
  }

  @Test
  void pairsInOrderWithTheSpacingOfTheTruth() throws IOException {
    // Class 1 is one voxel further in x, class 2 in y, class 3 in z.
    write("b_gt.nii.gz", 2, 2, 2, 1, 0, 2, 0, 3, 0, 0, 0);
    write("b_pred.nii", 2, 2, 2, 2, 1, 0, 0, 0, 0, 0, 0);
    write("a_gt.nii", 1, 1, 3, 0, 1, 0);
    Nifti.write(
        folder.resolve("a_pred.nii.gz"),
        NiftiHeader.of(1, 1, 3, new double[] {1, 1, 7}),
        new byte[] {1, 0, 0});
    Files.writeString(folder.resolve("expected.csv"), "not a volume");
    List<SegmentationScores> volumes =
        PairEvaluation.evaluate(folder, Labels.HEART, true, new Notices()).volumes();
    assertEquals(List.of("a", "b"), volumes.stream().map(SegmentationScores::name).toList());
    assertEquals(new ClassScore(1, 0, 1.5, 1, Presence.BOTH), volumes.get(0).classes().get(0));
    assertEquals(new ClassScore(1, 0, 1.5, 1, Presence.BOTH), volumes.get(1).classes().get(0));
    assertEquals(new ClassScore(2, 0, 2, 1, Presence.BOTH), volumes.get(1).classes().get(1));
    assertEquals(
        new ClassScore(3, 0, 50, 50, Presence.TRUTH_ONLY), volumes.get(1).classes().get(2));
  }

  @Test
  void missingPartner() {
    write("a_gt.nii.gz", 1, 1, 2, 0, 1);
    assertEquals(
        "FOLDER/a_gt.nii.gz: its partner a_pred.nii.gz is missing; add it or move this file away.",
        messageOfFailure());
    write("a_pred.nii.gz", 1, 1, 2, 0, 1);
    write("b_pred.nii", 1, 1, 2, 0, 1);
    Notices notices = new Notices();
    assertEquals(1, PairEvaluation.evaluate(folder, Labels.HEART, false, notices).volumes().size());
    assertEquals(
        List.of(
            folder.resolve("b_pred.nii")
                + ": its partner b_gt.nii.gz is missing; add it or move this file away."),
        notices.failures().stream().map(Throwable::getMessage).toList());
  }

  @Test
  void twoFilesOfOneKind() {
    write("a_gt.nii", 1, 1, 2, 0, 1);
    write("a_gt.nii.gz", 1, 1, 2, 0, 1);
    write("a_pred.nii", 1, 1, 2, 0, 1);
    assertEquals(
        "FOLDER/a_gt.nii.gz: there is also a_gt.nii; keep one of the two.", messageOfFailure());
  }

  @Test
  void theSameCaseTwice() {
    for (String name : new String[] {"patient021_frame01", "patient21_frame1"}) {
      write(name + "_gt.nii", 1, 1, 2, 0, 1);
      write(name + "_pred.nii", 1, 1, 2, 0, 1);
    }
    assertEquals(
        "FOLDER/patient21_frame1_gt.nii: is of the same patient and frame as"
            + " patient021_frame01_gt.nii; move one of the two pairs away.",
        messageOfFailure());
  }

  @Test
  void differentShapes() {
    write("a_gt.nii.gz", 1, 3, 2, 0, 1, 0, 0, 0, 0);
    write("a_pred.nii.gz", 1, 2, 3, 0, 1, 0, 0, 0, 0);
    assertEquals(
        "FOLDER/a_pred.nii.gz: is 1x2x3 voxels but a_gt.nii.gz is 1x3x2; predict on the grid of"
            + " the truth.",
        messageOfFailure());
  }

  @Test
  void differentPlaces() {
    write("a_gt.nii", 1, 1, 3, 0, 1, 0);
    Nifti.write(
        folder.resolve("a_pred.nii"),
        NiftiHeader.of(1, 1, 3, new double[] {10, 2, 1}),
        new byte[] {0, 1, 0});
    assertEquals(
        "FOLDER/a_pred.nii: does not lie on the grid of a_gt.nii, it has voxels of"
            + " 10.00x2.000x1.000 mm (z, y, x), not 10.00x2.000x1.500; resample it onto the truth,"
            + " or use --ignore-geometry if the two match voxel by voxel.",
        messageOfFailure());
    Notices notices = new Notices();
    assertEquals(
        1, PairEvaluation.evaluate(folder, Labels.HEART, true, notices).column(1).dice().mean());
    assertTrue(notices.warnings().get(0).endsWith("compared voxel by voxel all the same."));
  }

  /** One bad pair does not end the others; capital letters make no difference. */
  @Test
  void otherPairsGoOn() throws IOException {
    write("a_GT.NII", 1, 1, 2, 0, 1);
    write("a_Pred.nii", 1, 1, 2, 0, 1);
    write("b_gt.nii", 1, 1, 2, 0, 1);
    Files.createSymbolicLink(folder.resolve("b_pred.nii"), Path.of("nowhere"));
    Path other = Files.createFile(folder.resolve("c_pred.nrrd"));
    Notices notices = new Notices();
    assertEquals(1, PairEvaluation.evaluate(folder, Labels.HEART, false, notices).volumes().size());
    assertEquals(1, notices.failures().size());
    String failure = notices.failures().get(0).getMessage();
    assertTrue(failure.contains("b_pred.nii: is a link to nothing"), failure);
    assertTrue(notices.warnings().get(0).contains(other.toString()));
  }

  @Test
  void otherLabels() {
    write("a_gt.nii.gz", 1, 1, 2, 0, 1);
    write("a_pred.nii.gz", 1, 1, 2, 0, 200);
    assertEquals(
        "FOLDER/a_pred.nii.gz: holds label 200; map its labels to 0 background, 1 RV, 2 Myo, 3 LV.",
        messageOfFailure());
    write("a_pred.nii.gz", 1, 1, 2, 0, 1);
    write("a_gt.nii.gz", 1, 1, 2, 4, 1);
    assertEquals(
        "FOLDER/a_gt.nii.gz: holds label 4; map its labels to 0 background, 1 RV, 2 Myo, 3 LV.",
        messageOfFailure());
  }

  @Test
  void nothingThere() {
    assertEquals(
        "FOLDER: holds no pairs X_pred.nii.gz and X_gt.nii.gz; name a folder of predictions and"
            + " truths.",
        messageOfFailure());
    assertThrows(
        DataException.class,
        () ->
            PairEvaluation.evaluate(folder.resolve("absent"), Labels.HEART, false, new Notices()));
  }

  /** Eight pairs made from real truth masks, with the values that medpy computes for them. */
  @Test
  void equalsMedpyOnRealMasks() throws IOException {
    Path metrics = realPairs();
    Map<String, double[]> expected = new HashMap<>();
    for (String line : Files.readAllLines(metrics.resolve("expected.csv"))) {
      String[] cells = line.split(",");
      if (!cells[0].equals("case")) {
        expected.put(
            cells[0] + " " + cells[1],
            new double[] {
              Double.parseDouble(cells[2]),
              Double.parseDouble(cells[3]),
              Double.parseDouble(cells[4])
            });
      }
    }
    Evaluation evaluation = PairEvaluation.evaluate(metrics, Labels.HEART, false, new Notices());
    int compared = 0;
    for (SegmentationScores volume : evaluation.volumes()) {
      for (ClassScore score : volume.classes()) {
        String row = volume.name() + " " + score.label();
        double[] values = expected.get(row);
        assertEquals(values[0], score.dice(), 1e-4, row);
        assertEquals(values[1], score.hd95Mm(), 1e-4, row);
        assertEquals(values[2], score.hd95Voxels(), 1e-4, row);
        compared++;
      }
    }
    assertEquals(expected.size(), compared);
    assertEquals(1, evaluation.missingCount());
  }

  private static Path realPairs() {
    String named = System.getProperty("ACDC_DIR", System.getenv("ACDC_DIR"));
    Path found = named == null ? null : Path.of(named, "metrics");
    for (Path at = Path.of("").toAbsolutePath(); found == null && at != null; at = at.getParent()) {
      Path candidate = at.resolve("shared/acdc/metrics");
      found = Files.isDirectory(candidate) ? candidate : null;
    }
    boolean present = found != null && Files.exists(found.resolve("expected.csv"));
    if (!present) {
      System.out.println("Skipped: no metrics pairs at ACDC_DIR or ../shared/acdc");
    }
    Assumptions.assumeTrue(present, "no metrics pairs at ACDC_DIR or ../shared/acdc");
    return found;
  }
}
