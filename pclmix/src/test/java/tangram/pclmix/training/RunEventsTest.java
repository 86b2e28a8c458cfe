package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.Labels;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.SegmentationScores;
import tangram.pclmix.metrics.VoxelGrid;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;
import tangram.pclmix.tensorboard.EventReader;

/** What a run leaves for TensorBoard. */
class RunEventsTest {
  private static final StepLosses LOSSES =
      new StepLosses(6, Map.of("sup", 5.0, "ctr", 4.0, "het", 3.0, "mix", 2.0, "anchors", 1.0));

  @TempDir private Path folder;

  private RunFolder create() {
    return RunFolder.create(folder.resolve("run"), TrainingConfig.of(Preset.TINY, Map.of()));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run/tensorboard"))) {
      return files.sorted().toList();
    }
  }

  /** Value by tag of a file's events, all of one step. */
  private static Map<String, Float> values(Path file, int step) throws IOException {
    return EventReader.read(file).stream()
        .filter(event -> event.tag() != null && event.png() == null)
        .peek(event -> assertEquals(step, event.step()))
        .collect(Collectors.toMap(EventReader.Event::tag, EventReader.Event::value));
  }

  @Test
  void losses() throws IOException {
    RunFolder run = create();
    run.log().appendStep(1, 0.5, LOSSES, 0.25);
    run.log().events().close();
    assertEquals(
        Map.of(
            "loss/total", 6f,
            "loss/sup", 5f,
            "loss/ctr", 4f,
            "loss/het", 3f,
            "loss/mix", 2f,
            "loss/anchors", 1f,
            "learning_rate", 0.5f,
            "speed/seconds_per_step", 0.25f),
        values(files().get(0), 1));
  }

  @Test
  void scoresAndPictures() throws IOException {
    byte[] truth = {0, 1, 1, 2, 2, 3, 3, 0};
    byte[] prediction = {0, 1, 0, 2, 2, 3, 3, 3};
    VoxelGrid grid = new VoxelGrid(1, 2, 4, 10, 2, 2);
    RunFolder run = create();
    Evaluation inMm =
        new Evaluation(
            Labels.HEART, List.of(SegmentationScores.of("a", 4, prediction, truth, grid)));
    run.log().appendValidation(50, inMm, 1);
    Montage montage =
        new Montage(Labels.HEART, 16, "image").row("a", Panel.grey(new float[4], 2, 2));
    run.log().writeSnapshot(50, montage);
    run.log().events().close();
    Map<String, Float> values = values(files().get(0), 50);
    assertEquals(12, values.size());
    assertEquals(2 / 3f, values.get("dice/rv"), 1e-6f);
    assertEquals(1, values.get("dice/myo"));
    assertEquals(0.8f, values.get("dice/lv"), 1e-6f);
    assertEquals((2 / 3f + 1 + 0.8f) / 3, values.get("dice/average"), 1e-6f);
    assertEquals(0, values.get("hd95_mm/myo"));
    assertEquals(2 * values.get("hd95_voxels/lv"), values.get("hd95_mm/lv"), 1e-6f);
    List<EventReader.Event> events = EventReader.read(files().get(0));
    EventReader.Event picture = events.get(events.size() - 1);
    assertEquals("snapshots/training", picture.tag());
    assertEquals(50, picture.step());
    assertArrayEquals(montage.png(), picture.png());
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.png()));
    assertEquals(image.getWidth(), picture.width());
    assertEquals(image.getHeight(), picture.height());
  }

  @Test
  void withoutSpacingThereAreNoMillimetres() throws IOException {
    byte[] classes = {0, 1, 2, 3};
    RunFolder run = create();
    run.log()
        .appendValidation(
            50,
            new Evaluation(
                Labels.HEART,
                List.of(SegmentationScores.ofVoxels("a", 4, classes, classes, 1, 2, 2))),
            1);
    run.log().events().close();
    Map<String, Float> values = values(files().get(0), 50);
    assertFalse(values.containsKey("hd95_mm/average"));
    assertEquals(0, values.get("hd95_voxels/average"));
  }

  /** TensorBoard drops what earlier files hold from the step on at which a later file starts. */
  @Test
  void aResumedRunBeginsAFileAtItsFirstStep() throws IOException {
    RunFolder run = create();
    for (int step = 1; step <= 3; step++) {
      run.log().appendStep(step, 0.5, LOSSES, 0.25);
    }
    run.log().events().close();
    RunFolder resumed = RunFolder.open(run.path());
    resumed.log().truncateAfter(1);
    resumed.log().appendStep(2, 0.5, LOSSES, 0.25);
    resumed.log().events().close();
    assertEquals(2, files().size());
    for (int i = 0; i < 2; i++) {
      EventReader.Event start = EventReader.read(files().get(i)).get(1);
      assertEquals(1, start.sessionStatus());
      assertEquals(i + 1, start.step());
    }
  }
}
