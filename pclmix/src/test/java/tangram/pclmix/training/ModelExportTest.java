package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Init;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.nn.Weights;
import tangram.pclmix.data.Volume;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.phantom.PhantomData;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.ProfiledDevice;
import tangram.tensor.Scope;

/** What inference needs of a file of training, and what is handed on. */
class ModelExportTest {
  private static final TrainingConfig CONFIG =
      TrainingConfig.of(
          Preset.TINY,
          Map.of(
              Setting.DATA, "/home/somebody/hearts",
              Setting.ENCODER_WEIGHTS, "/home/somebody/resnet.safetensors",
              Setting.ENCODER_WIDTH, "8",
              Setting.UNET_CHANNELS, "16,16,8,8,8",
              Setting.SWIN_DIM, "12",
              Setting.EMBEDDING_DIM, "16"));

  private final Device device = Devices.get("vector");

  @TempDir private Path folder;
  private Path trained;

  @BeforeEach
  void save() {
    trained = folder.resolve("best.safetensors");
    PclMixNetwork network = new PclMixNetwork(new Init(device, 2), CONFIG.network());
    Weights.save(network, trained, Map.of(TrainedModel.CONFIG, CONFIG.format(), "step", "10"));
    network.state().values().forEach(t -> t.close());
  }

  /** The trained file with other training-only tensors: NaN, or none. */
  private Path rewritten(boolean keep) {
    SafeTensors from = SafeTensors.read(trained);
    SafeTensorsWriter writer = SafeTensors.writer();
    from.metadata().forEach(writer::metadata);
    for (String name : from.names()) {
      float[] values = from.floats(name);
      if (!name.startsWith("encoder.") && !name.startsWith("decoder.")) {
        if (!keep) {
          continue;
        }
        Arrays.fill(values, Float.NaN);
      }
      writer.put(name, values, from.shape(name).dims());
    }
    Path file = folder.resolve(keep ? "nan.safetensors" : "without.safetensors");
    writer.write(file);
    return file;
  }

  private float[][] probabilities(Path file) {
    Volume volume = PhantomData.volume(48, 3, 41);
    return TrainedModel.load(file, device).segmenter().segment(volume, true).probabilities();
  }

  @Test
  void inferenceNeitherReadsNorComputesWhatOnlyTrainingNeeds() {
    float[][] expected = probabilities(trained);
    assertTrue(expected[1][0] > 0 && expected[1][0] < 1, "the network says something");
    for (boolean keep : new boolean[] {true, false}) {
      assertArrayEquals(expected, probabilities(rewritten(keep)));
    }
  }

  @Test
  void inferenceLaunchesTheKernelsOfEncoderAndDecoderAlone() {
    ProfiledDevice profiled = new ProfiledDevice(device);
    TrainedModel model = TrainedModel.load(trained, profiled);
    profiled.times().clear();
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      model.network().forward(profiled.full(0.5, 1, 1, 64, 64));
    }
    Map<String, Long> calls = new TreeMap<>();
    profiled
        .times()
        .entries()
        .forEach(e -> calls.merge(e.name().replaceFirst(" .*", ""), e.calls(), Long::sum));
    // Convolutions take their batch norms along; the image is filled; a concatenation copies its
    // parts together.
    assertEquals(
        Map.of("convolution", 20L + 11, "maxPool", 1L, "resample", 5L, "map", 1L, "mapAll", 4L),
        calls);
  }

  @Test
  void inferenceReservesNoMemoryForWhatOnlyTrainingNeeds() {
    SafeTensors file = SafeTensors.read(trained);
    // Memory of its own: what other tests left is collected at any time.
    Device own = new ProfiledDevice(device);
    TrainedModel model = TrainedModel.load(trained, own);
    long elements = 0;
    for (String name : file.names()) {
      if (name.startsWith("encoder.") || name.startsWith("decoder.")) {
        elements += file.shape(name).size();
      }
    }
    assertEquals(
        elements, model.network().state().values().stream().mapToLong(t -> t.size()).sum());
    long used = own.usedBytes();
    long all =
        file.names().stream().mapToLong(name -> file.shape(name).size()).sum() * device.realBytes();
    assertTrue(
        used >= elements * device.realBytes() && used < all,
        used + " bytes for " + elements + " numbers");
  }

  @Test
  void theExportHoldsEncoderAndDecoderBitForBit() throws IOException {
    Path out = folder.resolve("shared.safetensors");
    ModelExport.writeSafeTensors(TrainedModel.load(trained, device), out);
    SafeTensors from = SafeTensors.read(trained);
    SafeTensors to = SafeTensors.read(out);
    Predicate<String> kept = name -> name.startsWith("encoder.") || name.startsWith("decoder.");
    List<String> names = from.names().stream().filter(kept).sorted().toList();
    assertTrue(names.size() < from.names().size());
    assertEquals(names, to.names().stream().sorted().toList());
    long bytes = 0;
    for (String name : names) {
      assertEquals(from.shape(name), to.shape(name));
      assertArrayEquals(bits(from.floats(name)), bits(to.floats(name)), name);
      bytes += 4L * to.shape(name).size();
    }
    byte[] file = Files.readAllBytes(out);
    long header = 8 + ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertEquals(header + bytes, file.length);
    assertArrayEquals(probabilities(trained), probabilities(out));
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }

  @Test
  void theExportKeepsAllSettingsButThePaths() {
    Path out = folder.resolve("shared.safetensors");
    ModelExport.writeSafeTensors(TrainedModel.load(trained, device), out);
    TrainingConfig config = TrainedModel.load(out, device).config();
    for (Setting setting : Setting.values()) {
      boolean path = setting == Setting.DATA || setting == Setting.ENCODER_WEIGHTS;
      assertEquals(path ? TrainingConfig.REMOVED : CONFIG.get(setting), config.get(setting));
    }
    TrainingConfig phantoms = TrainingConfig.of(Preset.TINY, Map.of());
    assertEquals(phantoms.format(), phantoms.withoutPaths().format());
  }

  @Test
  void noExportHoldsThePathsOrTheRestOfTheNetwork() throws IOException {
    TrainedModel model = TrainedModel.load(trained, device);
    Path tensors = folder.resolve("shared.safetensors");
    Path onnx = folder.resolve("shared.onnx");
    ModelExport.writeSafeTensors(model, tensors);
    ModelExport.writeOnnx(model, onnx);
    for (Path file : new Path[] {tensors, onnx}) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertTrue(text.contains("decoder.blocks.0.bn1.running_mean"));
      for (String word : new String[] {"somebody", "transformer.", "embedding."}) {
        assertFalse(text.contains(word), file + " holds '" + word + "'");
      }
    }
  }
}
