package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.CheckpointWriter;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.Sgd;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.objective.MemoryQueue;
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
  private final Sgd sgd = new Sgd(device, network.parameters(), 0.9, 0);
  private final MemoryQueue queue = new MemoryQueue(device, TrainingConfig.CLASSES, SLOTS, DIM);
  private final TrainingState state = new TrainingState(config, network, sgd, queue);
  private RunFolder run;

  @BeforeEach
  void start() {
    run = RunFolder.create(folder.resolve("run"), config);
  }

  @Test
  void aCheckpointIsTakenUp() {
    save(new int[] {0, 1, 2, 3}, new int[] {0, 1, 2, 0}, "0.5", 9);
    assertTrue(state.restore(run).isEmpty());
    assertEquals(9, state.step());
    assertArrayEquals(new int[] {0, 1, 2, 0}, queue.next());
  }

  /** Checksums tell accidents; these files have right ones. */
  @Test
  void impossibleStatesAreRefusedWhole() {
    int[] good = new int[TrainingConfig.CLASSES];
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
