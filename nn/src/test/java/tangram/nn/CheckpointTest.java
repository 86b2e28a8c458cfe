package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

class CheckpointTest {
  private final Device device = new ReferenceDevice();
  @TempDir Path folder;

  /** A small training run: the reference device in single precision, as other devices are. */
  private final class Run {
    final Linear model = new Linear(new Init(device, 3), 4, 2);
    final Sgd sgd = new Sgd(model.parameters(), 0.1).momentum(0.9).weightDecay(1e-2);
    final Tensor queue = device.zeros(2, 4);
    long step;

    void train(int steps) {
      for (int i = 0; i < steps; i++) {
        CounterRandom random = new CounterRandom(5, 99, step, 0);
        float[] x = new float[8];
        for (int j = 0; j < x.length; j++) {
          x[j] = (float) random.nextGaussian();
        }
        model.zeroGrad();
        try (Scope scope = Scope.open()) {
          // The queue takes part, so that a resume that loses it is noticed.
          model
              .forward(device.tensor(x, 2, 4))
              .sub(model.forward(queue).detach())
              .square()
              .mean()
              .backward();
        }
        sgd.setLearningRate(0.1 / (1 + step));
        sgd.step();
        queue.copyFrom(x, 0);
        model.state().values().forEach(this::round);
        sgd.state().values().forEach(this::round);
        step++;
      }
    }

    private void round(Tensor tensor) {
      tensor.copyFrom(tensor.toFloats(), 0);
    }

    Path save() {
      return new CheckpointWriter(model, sgd.state())
          .extra("queue", queue)
          .extra("order", new int[] {3, 1, 2}, 3)
          .extra("scores", new float[] {-0f, 0.5f}, 2)
          .metadata("configuration", "width = 4\nname = \"tiny\"\n")
          .save(folder, step);
    }

    void restore(Checkpoint checkpoint) {
      checkpoint.restore(model, sgd.state(), Map.of("queue", queue));
      step = checkpoint.step();
    }
  }

  @Test
  void aResumedRunContinuesWithTheSameBits() {
    Run straight = new Run();
    straight.train(3);
    straight.save();
    straight.train(4);

    Run resumed = new Run();
    Checkpoint.Latest latest = Checkpoint.latest(folder);
    resumed.restore(latest.checkpoint());
    assertEquals(List.of(), latest.warnings());
    assertEquals(3, resumed.step);
    resumed.train(4);
    WeightsTest.assertSameState(straight.model, resumed.model);
    straight
        .sgd
        .state()
        .forEach(
            (name, momentum) ->
                SafeTensorsTest.assertBits(
                    momentum.toFloats(), resumed.sgd.state().get(name).toFloats()));

    // The comparison notices the smallest part that is not restored.
    Run forgetful = new Run();
    Sgd other = new Sgd(forgetful.model.parameters(), 0.1).momentum(0.9);
    latest.checkpoint().restore(forgetful.model, other.state(), Map.of("queue", forgetful.queue));
    forgetful.step = 3;
    forgetful.train(4);
    assertThrows(
        AssertionError.class, () -> WeightsTest.assertSameState(straight.model, forgetful.model));
  }

  @Test
  void everythingIsInTheFile() {
    Run run = new Run();
    run.train(1);
    Checkpoint checkpoint = Checkpoint.read(run.save());
    assertEquals(1, checkpoint.step());
    assertEquals(Map.of("configuration", "width = 4\nname = \"tiny\"\n"), checkpoint.metadata());
    assertArrayEquals(new int[] {3, 1, 2}, checkpoint.extraInts("order"));
    SafeTensorsTest.assertBits(new float[] {-0f, 0.5f}, checkpoint.extraFloats("scores"));
    SafeTensorsTest.assertBits(run.queue.toFloats(), checkpoint.extraFloats("queue"));
    Linear inference = new Linear(new Init(device, 8), 4, 2);
    Weights.load(inference, checkpoint.tensors(), Checkpoint.MODEL);
    WeightsTest.assertSameState(run.model, inference);
  }

  @Test
  void theLastTwoAreKept() throws IOException {
    Run run = new Run();
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("checkpoint-best.safetensors"), "mine");
    for (int i = 0; i < 5; i++) {
      run.train(5);
      assertEquals(folder.resolve("checkpoint-" + 5 * (i + 1) + ".safetensors"), run.save());
    }
    // By number, not by name: 5 would come after 25 in a list of names.
    assertNames(
        "checkpoint-20.safetensors",
        "checkpoint-25.safetensors",
        "checkpoint-best.safetensors",
        "notes.txt");
    assertEquals(25, Checkpoint.latest(folder).checkpoint().step());
  }

  @Test
  void aDamagedNewestIsReportedAndTheOneBeforeUsed() throws IOException {
    Run run = new Run();
    for (int i = 0; i < 2; i++) {
      run.train(1);
      run.save();
    }
    Path newest = folder.resolve("checkpoint-2.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    Files.write(newest, Arrays.copyOf(bytes, bytes.length - 1));
    Checkpoint.Latest latest = Checkpoint.latest(folder);
    assertEquals(1, latest.checkpoint().step());
    assertEquals(1, latest.warnings().size());
    assertTrue(latest.warnings().get(0).startsWith(newest + ": "), latest.warnings().get(0));

    Files.write(folder.resolve("checkpoint-1.safetensors"), new byte[0]);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> Checkpoint.latest(folder));
    assertTrue(e.getMessage().contains("holds no checkpoint that can be read"), e.getMessage());
  }

  @Test
  void aDamagedOneIsNotKeptInPlaceOfAGoodOne() throws IOException {
    Run run = new Run();
    run.train(1);
    run.save();
    Path damaged = folder.resolve("checkpoint-2.safetensors");
    Files.write(damaged, new byte[100]);
    Path future = folder.resolve("checkpoint-9.safetensors");
    Files.write(future, new byte[100]);
    run.train(2);
    run.save();
    assertNames("checkpoint-1.safetensors", "checkpoint-3.safetensors", "checkpoint-9.safetensors");
  }

  @Test
  void nothingIsRemovedWhileNoOlderOneIsGood() throws IOException {
    Files.write(folder.resolve("checkpoint-1.safetensors"), new byte[100]);
    Files.write(folder.resolve("checkpoint-2.safetensors"), new byte[100]);
    Run run = new Run();
    run.train(3);
    run.save();
    assertNames("checkpoint-1.safetensors", "checkpoint-2.safetensors", "checkpoint-3.safetensors");
  }

  @Test
  void everyChangedByteIsNoticed() throws IOException {
    Run run = new Run();
    run.train(1);
    Path file = run.save();
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= (byte) (1 << (i % 8));
      Files.write(file, changed);
      assertThrows(FileFormatException.class, () -> Checkpoint.read(file), "byte " + i);
    }
    Files.write(file, bytes);
    assertEquals(1, Checkpoint.read(file).step());
  }

  @Test
  void filesLongerThanAChunkAreSummedWhole() throws IOException {
    float[] values = new float[600_000];
    values[599_999] = 1;
    Run run = new Run();
    Path file =
        new CheckpointWriter(run.model, run.sgd.state())
            .extra("long", values, values.length)
            .save(folder, 0);
    SafeTensorsTest.assertBits(values, Checkpoint.read(file).extraFloats("long"));
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 2] ^= 1;
    Files.write(file, bytes);
    String message =
        assertThrows(FileFormatException.class, () -> Checkpoint.read(file)).getMessage();
    assertTrue(message.contains("does not match its checksum"), message);
  }

  @Test
  void leftoversOfAKilledProcessAreIgnoredAndRemoved() throws IOException {
    Run run = new Run();
    run.train(1);
    run.save();
    Path leftover = folder.resolve(".checkpoint-2.safetensors.4711-1.tmp");
    Files.copy(folder.resolve("checkpoint-1.safetensors"), leftover);
    Path foreign = Files.writeString(folder.resolve(".other.safetensors.4711-1.tmp"), "x");
    assertEquals(1, Checkpoint.latest(folder).checkpoint().step());
    run.train(1);
    run.save();
    assertFalse(Files.exists(leftover));
    assertTrue(Files.exists(foreign));
    assertEquals(2, Checkpoint.latest(folder).checkpoint().step());
  }

  @Test
  void aFailedSaveLeavesTheOldOnes() throws IOException {
    Run run = new Run();
    run.train(1);
    run.save();
    Files.createDirectory(folder.resolve("checkpoint-2.safetensors"));
    run.train(1);
    assertThrows(FileWriteException.class, run::save);
    assertEquals(1, Checkpoint.latest(folder).checkpoint().step());
    Path below = folder.resolve("checkpoint-1.safetensors").resolve("runs");
    CheckpointWriter writer = new CheckpointWriter(run.model, run.sgd.state());
    assertThrows(FileWriteException.class, () -> writer.save(below, 1));
  }

  @Test
  void anotherNetworkIsRefusedAndUnchanged() {
    Run run = new Run();
    run.train(2);
    Checkpoint checkpoint = Checkpoint.read(run.save());
    Run other = new Run();
    WeightsTest.assertSameState(new Run().model, other.model);
    FileFormatException e =
        assertThrows(
            FileFormatException.class,
            () ->
                checkpoint.restore(
                    other.model, other.sgd.state(), Map.of("bank", device.zeros(1))));
    assertTrue(e.getMessage().contains("1 tensor is missing: 'extra.bank'"), e.getMessage());
    WeightsTest.assertSameState(new Run().model, other.model);
  }

  @Test
  void emptyFoldersAndOtherFilesAreNamed() throws IOException {
    Path missing = folder.resolve("missing");
    for (Path empty : new Path[] {folder, missing}) {
      assertFalse(Checkpoint.exists(empty));
      String message =
          assertThrows(FileFormatException.class, () -> Checkpoint.latest(empty)).getMessage();
      assertTrue(message.startsWith(empty + ": holds no checkpoint"), message);
    }
    Run run = new Run();
    Path weights = folder.resolve("checkpoint-7.safetensors");
    Weights.save(run.model, weights, Map.of("step", "7"));
    assertTrue(Checkpoint.exists(folder));
    String message =
        assertThrows(FileFormatException.class, () -> Checkpoint.read(weights)).getMessage();
    assertTrue(message.contains("not a checkpoint of this version"), message);
    Path bare = folder.resolve("bare.safetensors");
    Files.write(bare, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    message = assertThrows(FileFormatException.class, () -> Checkpoint.read(bare)).getMessage();
    assertTrue(message.contains("has no checksum"), message);
  }

  @Test
  void reservedMetadataIsRefused() {
    Run run = new Run();
    CheckpointWriter writer = new CheckpointWriter(run.model, run.sgd.state());
    for (String key : new String[] {"step", "format", "crc32c", "checksum"}) {
      assertThrows(IllegalArgumentException.class, () -> writer.metadata(key, "1"));
    }
    assertThrows(IllegalArgumentException.class, () -> writer.save(folder, -1));
  }

  private void assertNames(String... names) throws IOException {
    try (var files = Files.list(folder)) {
      assertEquals(
          new TreeSet<>(List.of(names)),
          new TreeSet<>(files.map(p -> p.getFileName().toString()).toList()));
    }
  }
}
