package tangram.pclmix.training;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.nn.SafeTensors;
import tangram.nn.Sgd;
import tangram.nn.Weights;
import tangram.pclmix.data.Labels;
import tangram.pclmix.method.Learner;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.MemoryQueue;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

class TrainingStateTest {
  private static final int SLOTS = 3;
  private static final int DIM = 4;

  @TempDir Path folder;
  private final Device device = new ReferenceDevice();
  private final TrainingConfig config =
      TrainingConfig.of(
          Preset.TINY,
          Map.of(
              Setting.ENCODER_WIDTH,
              "2",
              Setting.UNET_CHANNELS,
              "4,3,3,2,2",
              Setting.SWIN_DIM,
              "6",
              Setting.SWIN_HEADS,
              "1,2,3",
              Setting.EMBEDDING_DIM,
              Integer.toString(DIM),
              Setting.ITERATIONS,
              "9"));
  private final PclMixNetwork network = new PclMixNetwork(new Init(device, 1), config.network());
  private final Sgd sgd = new Sgd(network.parameters(), 0.1).momentum(0.9);
  private final MemoryQueue queue = new MemoryQueue(device, Labels.HEART.count(), SLOTS, DIM);
  private final Learner learner = new Remembering();
  private final TrainingState state =
      new TrainingState(config, learner, new EvaluatedWeights(device, config, learner), sgd);
  private RunFolder run;

  /** A learner with a memory. */
  private final class Remembering implements Learner {
    @Override
    public Module network() {
      return network;
    }

    @Override
    public SegmentationNetwork segmentation() {
      return network.segmentation();
    }

    @Override
    public StepLosses step(StepInput input, long step) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Tensor> restore(Checkpoint checkpoint) {
      return queue.restore(checkpoint);
    }
  }

  @BeforeEach
  void start() {
    run = RunFolder.create(folder.resolve("run"), config);
  }

  @Test
  void aCheckpointIsTakenUp() {
    assertTrue(state.offer(0.5, run));
    save(new int[] {0, 1, 2, 3}, new int[] {0, 1, 2, 0}, "0.5", 9);
    assertEquals(List.of(), state.restore(run));
    assertEquals(9, state.step());
    assertArrayEquals(new int[] {0, 1, 2, 0}, queue.next());
    assertTrue(state.hasBest());
  }

  /** The state is whole without; the next validation, whatever its score, gives weights again. */
  @Test
  void lostBestWeightsAreNamedAndTheRunGoesOn() throws IOException {
    state.offer(0.5, run);
    byte[] sound = Files.readAllBytes(run.best());
    int[] good = new int[Labels.HEART.count()];
    save(good, good, "0.5", 9);
    byte[] flipped = sound.clone();
    flipped[flipped.length - 1] ^= 1;
    Files.write(run.best(), flipped);
    assertLost("does not match its checksum");
    Weights.save(
        network, run.best(), Map.of("config", config.format().replace("seed = 0", "seed = 1")));
    assertLost("weights of another run");
    Files.delete(run.best());
    assertLost("there is no such file");
    assertTrue(state.offer(0.1, run));
    assertEquals("0.1", SafeTensors.read(run.best()).metadata().get("best_dice"));
  }

  private void assertLost(String why) {
    List<String> warnings = state.restore(run);
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.get(0).startsWith(run.best() + ": "), warnings.get(0));
    assertTrue(warnings.get(0).contains(why), warnings.get(0));
    assertTrue(warnings.get(0).contains("The best weights so far (Dice 0.500) are lost"));
    assertFalse(state.hasBest());
    assertEquals(9, state.step());
  }

  /** Checksums tell accidents; these files have right ones. */
  @Test
  void impossibleStatesAreRefusedWhole() {
    int[] good = new int[Labels.HEART.count()];
    refused(new int[] {4, 0, 0, 0}, good, "0.5", 9);
    refused(new int[] {-1, 0, 0, 0}, good, "0.5", 9);
    refused(new int[3], good, "0.5", 9);
    refused(good, new int[] {SLOTS, 0, 0, 0}, "0.5", 9);
    refused(good, new int[5], "0.5", 9);
    refused(good, good, "NaN", 9);
    refused(good, good, "much", 9);
    refused(good, good, "0.5", 10);
    refused(good, good, "0.5", 1L << 31);
  }

  private void refused(int[] filled, int[] next, String best, long step) {
    Path file = save(filled, next, best, step);
    Tensor first = network.parameters().values().iterator().next();
    float[] sevens = new float[first.size()];
    Arrays.fill(sevens, 7);
    first.copyFrom(sevens, 0);
    FileFormatException e = assertThrows(FileFormatException.class, () -> state.restore(run));
    assertEquals(
        file + ": tells of a state that no run is in; restore it from a copy or start a new run.",
        e.getMessage());
    assertArrayEquals(sevens, first.toFloats());
    assertEquals(0, state.step());
  }

  private Path save(int[] filled, int[] next, String best, long step) {
    return new CheckpointWriter(network, sgd.state())
        .extra("queue.vectors", queue.vectors())
        .extra("queue.filled", filled, filled.length)
        .extra("queue.next", next, next.length)
        .metadata("config", config.format())
        .metadata("best_dice", best)
        .save(run.path(), step);
  }
}
