package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.SafeTensors;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.method.Learner;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** What becomes of a run whose folder or data change under its hands. */
class TrainerTest {
  private static final TrainingConfig CONFIG =
      TrainingConfig.of(
          Preset.TINY,
          Map.ofEntries(
              Map.entry(Setting.IMAGE_SIZE, "32"),
              Map.entry(Setting.BATCH, "2"),
              Map.entry(Setting.ENCODER_WIDTH, "8"),
              Map.entry(Setting.UNET_CHANNELS, "16,16,8,8,8"),
              Map.entry(Setting.SWIN_DIM, "12"),
              Map.entry(Setting.EMBEDDING_DIM, "16"),
              Map.entry(Setting.ITERATIONS, "6"),
              Map.entry(Setting.PHANTOM_PATIENTS, "1"),
              Map.entry(Setting.VALIDATE_EVERY, "2"),
              Map.entry(Setting.CHECKPOINT_EVERY, "4")));

  private static final TrainingData DATA = TrainingData.load(CONFIG, new Notices());

  @TempDir private Path parent;
  private final Device device = Devices.get(Devices.DEFAULT);

  private Trainer trainer(RunFolder run, TrainingData data, IntConsumer afterStep) {
    Learner learner = CONFIG.method().learner(device, CONFIG, data.training());
    return new Trainer(device, CONFIG, learner, data, run, new Listener(afterStep));
  }

  private record Listener(IntConsumer afterStep) implements TrainingListener {
    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      afterStep.accept(step);
    }
  }

  private SafeTensors undisturbed() throws IOException {
    Path folder = parent.resolve("undisturbed");
    try (RunFolder run = RunFolder.create(folder, CONFIG, DATA)) {
      assertTrue(trainer(run, DATA, step -> {}).run());
    }
    return SafeTensors.read(folder.resolve("checkpoint-6.safetensors"));
  }

  private interface Change {
    void of(Path folder) throws IOException;
  }

  /** Trains, does something to the folder in the middle, and resumes what was saved. */
  private void disturbed(Path folder, Path saved, Change change) throws IOException {
    try (RunFolder run = RunFolder.create(folder, CONFIG, DATA)) {
      Trainer trainer =
          trainer(
              run,
              DATA,
              step -> {
                if (step == 3) {
                  try {
                    change.of(folder);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              });
      FileWriteException e = assertThrows(FileWriteException.class, trainer::run);
      assertTrue(e.getMessage().startsWith(folder + ": was moved or removed"), e.getMessage());
      assertTrue(e.getMessage().contains("after step 4 is saved in " + saved), e.getMessage());
    }
    try (RunFolder run = RunFolder.resume(saved)) {
      Trainer trainer = trainer(run, DATA, step -> {});
      assertEquals(1, trainer.resume().size(), "the best weights are elsewhere");
      assertEquals(4, trainer.step());
      assertTrue(trainer.run());
    }
  }

  @Test
  void aFolderThatIsMovedCostsNothing() throws IOException {
    SafeTensors undisturbed = undisturbed();
    Path folder = parent.resolve("run");
    Path moved = parent.resolve("moved");
    disturbed(folder, folder, f -> Files.move(f, moved));
    assertTrue(Files.readAllLines(moved.resolve("metrics.csv")).size() == 4);
    SafeTensors resumed = SafeTensors.read(folder.resolve("checkpoint-6.safetensors"));
    assertEquals(undisturbed.names(), resumed.names());
    for (String name : resumed.names()) {
      if (resumed.isReal(name)) {
        assertArrayEquals(undisturbed.floats(name), resumed.floats(name), 0, name);
      } else {
        assertArrayEquals(undisturbed.ints(name), resumed.ints(name), name);
      }
    }
  }

  @Test
  void aFolderThatIsReplacedIsLeftAlone() throws IOException {
    Path folder = parent.resolve("run");
    disturbed(
        folder,
        parent.resolve("run-2"),
        f -> {
          Files.move(f, parent.resolve("moved"));
          Files.createDirectory(f);
          Files.writeString(f.resolve("mine.txt"), "x");
        });
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("mine.txt")), files.toList());
    }
  }

  @Test
  void aFolderThatIsRemovedIsMadeAnew() throws IOException {
    Path folder = parent.resolve("run");
    disturbed(
        folder,
        folder,
        f -> {
          try (Stream<Path> files = Files.walk(f)) {
            for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
              Files.delete(file);
            }
          }
        });
  }

  @Test
  void otherDataAreRefusedByName() throws IOException {
    Path folder = parent.resolve("run");
    RunFolder.create(folder, CONFIG, DATA).close();
    List<Slice> slices = new ArrayList<>(DATA.training().slices());
    Slice first = slices.remove(0);
    refused(folder, slices, "'" + first.name() + "' (training) is missing");
    float[] image = first.image().clone();
    image[5] = Math.nextUp(image[5]);
    slices.add(0, with(first, first.name(), image, first.scribble()));
    refused(folder, slices, "'" + first.name() + "' (training) is changed");
    byte[] scribble = first.scribble().clone();
    scribble[7] = (byte) ((scribble[7] + 1) % 4);
    slices.set(0, with(first, first.name(), first.image(), scribble));
    refused(folder, slices, "is changed");
    slices.set(0, first);
    slices.add(with(first, "a\nb", first.image(), first.scribble()));
    refused(folder, slices, "'a?b' (training) is new");
    slices.remove(slices.size() - 1);
    Collections.swap(slices, 0, 1);
    refused(folder, slices, "order");
    Collections.swap(slices, 0, 1);
    assertEquals(1, resume(folder, slices).size(), "there is no checkpoint yet");

    Files.delete(folder.resolve("data.csv"));
    List<String> warnings = resume(folder, slices);
    assertTrue(warnings.get(0).contains("data.csv: is missing; whether the data are"));
    assertEquals(1, resume(folder, slices).size(), "it is there again");
    Files.writeString(folder.resolve("data.csv"), "part,name,size,sha256\nx\n");
    assertTrue(resume(folder, slices).get(0).contains("data.csv: is damaged; whether"));
  }

  private static Slice with(Slice s, String name, float[] image, byte[] scribble) {
    return new Slice(name, s.patient(), s.height(), s.width(), image, s.label(), scribble);
  }

  private List<String> resume(Path folder, List<Slice> slices) {
    TrainingData data =
        new TrainingData(new Dataset(slices, CONFIG.imageSize()), DATA.validation(), DATA.test());
    try (RunFolder run = RunFolder.resume(folder)) {
      return trainer(run, data, step -> {}).resume();
    }
  }

  private void refused(Path folder, List<Slice> slices, String what) {
    FileFormatException e = assertThrows(FileFormatException.class, () -> resume(folder, slices));
    assertTrue(e.getMessage().startsWith(folder + ": the run began with other data: "));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  @Test
  void anotherKindOfMachineIsTold() throws IOException {
    Path folder = parent.resolve("run");
    Files.createDirectory(folder);
    assertEquals(List.of(), RunEnvironment.append(folder, "pclmix", device, 0));
    assertEquals(List.of(), RunEnvironment.append(folder, "pclmix", device, 2));
    Path file = folder.resolve("environment.properties");
    String text = Files.readString(file);
    Files.writeString(file, text.replaceAll(", \\d+ threads?\n", ", 99 threads\n"));
    assertEquals(List.of(), RunEnvironment.append(folder, "pclmix", device, 2));
    Files.writeString(file, text.replaceAll("\\d+-bit vectors", "64-bit vectors"));
    List<String> warnings = RunEnvironment.append(folder, "pclmix", device, 2);
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).contains("another kind of machine"), warnings.get(0));
    assertTrue(warnings.get(0).contains("64-bit vectors"), warnings.get(0));
    Files.delete(file);
    assertEquals(1, RunEnvironment.append(folder, "pclmix", device, 2).size());
    Files.delete(file);
    Files.createDirectory(file);
    assertThrows(
        FileWriteException.class, () -> RunEnvironment.append(folder, "pclmix", device, 2));
  }
}
