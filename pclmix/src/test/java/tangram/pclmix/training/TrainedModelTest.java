package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Allocations;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.Weights;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.tensor.Device;
import tangram.tensor.reference.ReferenceDevice;

class TrainedModelTest {
  private static final Map<Setting, String> SMALL =
      Map.of(Setting.ENCODER_WIDTH, "2", Setting.UNET_CHANNELS, "4,3,3,2,2");

  @TempDir Path folder;
  private final Device device = new ReferenceDevice();

  @Test
  void weightsComeWithTheirSettings() {
    Path file = save(TrainingConfig.of(Preset.TINY, SMALL));
    assertEquals("4,3,3,2,2", TrainedModel.load(file, device).config().get(Setting.UNET_CHANNELS));
  }

  /** Settings that are not those of the weights, for which a network would fill the memory. */
  @Test
  void settingsOfALargerNetworkAreRefusedBeforeItIsMade() {
    for (Map<Setting, String> other :
        List.of(
            Map.of(Setting.ENCODER_WIDTH, "4000"),
            Map.of(Setting.UNET_CHANNELS, "4,3,4000,2,2"),
            Map.of(Setting.UNET_CHANNELS, "4,3,3,2,1"))) {
      Path file = save(TrainingConfig.of(Preset.TINY, SMALL).with(other));
      long before = Allocations.ofThisThread();
      FileFormatException e =
          assertThrows(FileFormatException.class, () -> TrainedModel.load(file, device));
      assertTrue(Allocations.ofThisThread() - before < 4 << 20, e.getMessage());
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    }
  }

  private Path save(TrainingConfig told) {
    Path file = folder.resolve("best.safetensors");
    TrainingConfig real = TrainingConfig.of(Preset.TINY, SMALL);
    SegmentationNetwork network = new SegmentationNetwork(new Init(device, 1), real.network());
    Weights.save(network, file, Map.of(TrainedModel.CONFIG, told.format()));
    return file;
  }
}
