package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.SafeTensors;
import tangram.nn.Weights;
import tangram.pclmix.method.Learner;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** Whole networks start from others of the same size. */
class StartWeightsTest {
  @TempDir private Path folder;
  private final Device device = Devices.get(Devices.DEFAULT);

  private static TrainingConfig config(Setting setting, String value) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.IMAGE_SIZE, "32");
    settings.put(Setting.DATA, "somewhere");
    settings.put(Setting.ENCODER_WIDTH, "8");
    settings.put(Setting.UNET_CHANNELS, "16,16,8,8,8");
    settings.put(Setting.SWIN_DIM, "12");
    settings.put(setting, value);
    return TrainingConfig.of(Preset.TINY, settings);
  }

  private Learner learner(TrainingConfig config) {
    return config.method().learner(device, config, null);
  }

  private Path saved(TrainingConfig config, Learner learner) {
    Path file = folder.resolve("weights.safetensors");
    Weights.save(learner.network(), file, Map.of(TrainedModel.CONFIG, config.format()));
    return file;
  }

  private static float[] of(Learner learner, String name) {
    return learner.network().state().get(name).toFloats();
  }

  @Test
  void classesAreRowsOfTheHeadsAndAllElseIsTaken() {
    TrainingConfig heart = config(Setting.SEED, "1");
    Learner from = learner(heart);
    TrainingConfig three = config(Setting.CLASSES, "background=#009E73,LV=#E69F00,clot=#56B4E9");
    Learner to = learner(three);
    Map<String, float[]> before =
        Map.of(
            "decoder.head.weight", of(to, "decoder.head.weight"),
            "transformer.final.head.weight", of(to, "transformer.final.head.weight"));
    try (SafeTensors file = SafeTensors.read(saved(heart, from))) {
      assertEquals(heart.format(), StartWeights.settings(file).format());
      StartWeights.load(to, file, new int[] {0, 3, -1});
    }
    before.forEach(
        (name, initial) -> {
          float[] old = of(from, name);
          float[] now = of(to, name);
          int row = now.length / 3;
          assertEquals(4 * row, old.length);
          assertArrayEquals(Arrays.copyOf(old, row), Arrays.copyOf(now, row));
          assertArrayEquals(
              Arrays.copyOfRange(old, 3 * row, 4 * row), Arrays.copyOfRange(now, row, 2 * row));
          assertArrayEquals(
              Arrays.copyOfRange(initial, 2 * row, 3 * row),
              Arrays.copyOfRange(now, 2 * row, 3 * row));
        });
    Map<String, Tensor> state = from.network().state();
    to.network()
        .state()
        .forEach(
            (name, tensor) -> {
              if (!name.contains(".head.")) {
                assertArrayEquals(state.get(name).toFloats(), tensor.toFloats(), name);
              }
            });
  }

  /** A teacher begins like the network that predicts, where the file has none. */
  @Test
  void otherMethodsStartFromIt() {
    TrainingConfig heart = config(Setting.SEED, "1");
    Learner from = learner(heart);
    Path file = saved(heart, from);
    for (String method : new String[] {"pce", "scribblevs", "ustm", "dmpls"}) {
      Learner to = learner(config(Setting.METHOD, method));
      try (SafeTensors tensors = SafeTensors.read(file)) {
        StartWeights.load(to, tensors, new int[] {0, 1, 2, 3});
      }
      float[] stem = of(from, "encoder.conv1.weight");
      assertArrayEquals(stem, of(to, "encoder.conv1.weight"), method);
      boolean taught = to.network().state().containsKey("teacher.encoder.conv1.weight");
      assertEquals(method.equals("scribblevs") || method.equals("ustm"), taught);
      if (taught) {
        assertArrayEquals(stem, of(to, "teacher.encoder.conv1.weight"), method);
      }
    }
  }

  @Test
  void anotherSizeIsRefusedAndNothingChanged() {
    TrainingConfig heart = config(Setting.SEED, "1");
    Path file = saved(heart, learner(heart));
    Learner wide = learner(config(Setting.ENCODER_WIDTH, "16"));
    float[] before = of(wide, "decoder.head.weight");
    try (SafeTensors tensors = SafeTensors.read(file)) {
      String message =
          assertThrows(
                  FileFormatException.class,
                  () -> StartWeights.load(wide, tensors, new int[] {0, 1, 2, 3}))
              .getMessage();
      assertTrue(message.contains("does not fit this network"), message);
      assertFalse(message.contains("\n"));
    }
    assertArrayEquals(before, of(wide, "decoder.head.weight"));
  }
}
