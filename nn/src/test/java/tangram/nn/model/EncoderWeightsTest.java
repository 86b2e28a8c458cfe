package tangram.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** Files for encoders of width 2; torchvision's own are compared elsewhere. */
class EncoderWeightsTest {
  private static final ResNet.Config SMALL = new ResNet.Config(18, 2, 1, 0);

  private final Device device = Devices.get("vector");
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();

  @TempDir Path folder;

  /** A file's content: that of an encoder, its stem for three colours, and a classifier. */
  @BeforeEach
  void fill() {
    new ResNet(new Init(device, 3), SMALL).state().forEach((name, t) -> put(name, t));
    float[] grey = values.get("conv1.weight");
    float[] colours = new float[3 * grey.length];
    for (int i = 0; i < grey.length; i++) {
      int first = i / 49 * 3 * 49 + i % 49;
      colours[first] = grey[i];
      colours[first + 49] = 2;
      colours[first + 98] = -2;
    }
    put("conv1.weight", colours, 2, 3, 7, 7);
    put("fc.weight", new float[32], 2, 16);
    put("fc.bias", new float[2], 2);
  }

  private void put(String name, Tensor tensor) {
    put(name, tensor.toFloats(), tensor.shape().dims());
  }

  private void put(String name, float[] numbers, int... dims) {
    values.put(name, numbers);
    shapes.put(name, dims);
  }

  private SafeTensors file(String prefix) {
    Path path = folder.resolve("encoder.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    values.forEach((name, numbers) -> writer.put(prefix + name, numbers, shapes.get(name)));
    writer.put(prefix + "bn1.num_batches_tracked", new int[1]);
    writer.write(path);
    return SafeTensors.read(path);
  }

  private void assertRefused(String... words) {
    ResNet encoder = new ResNet(new Init(device, 8), SMALL);
    SafeTensors file = file("");
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> EncoderWeights.load(encoder, file));
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
    assertTrue(e.getMessage().startsWith(file.file().toString()), e.getMessage());
    new ResNet(new Init(device, 8), SMALL)
        .state()
        .forEach(
            (name, t) ->
                assertArrayEquals(t.toFloats(), encoder.state().get(name).toFloats(), name));
  }

  @Test
  void everyTensorIsLoadedAndTheStemSummed() {
    ResNet encoder = new ResNet(new Init(device, 8), SMALL);
    EncoderWeights.Match match = EncoderWeights.load(encoder, file(""));
    assertEquals(new ArrayList<>(encoder.state().keySet()), match.loaded());
    assertTrue(match.stemSummed());
    new ResNet(new Init(device, 3), SMALL)
        .state()
        .forEach(
            (name, t) ->
                assertArrayEquals(t.toFloats(), encoder.state().get(name).toFloats(), 1e-6f, name));
  }

  @Test
  void theEncoderOfATrainedNetworkFitsToo() {
    values.put("decoder.head.weight", new float[1]);
    shapes.put("decoder.head.weight", new int[] {1});
    // Under the prefix everything else is as before; what lies outside it is another part.
    float[] decoder = values.remove("decoder.head.weight");
    Path path = folder.resolve("best.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    values.forEach((name, numbers) -> writer.put("encoder." + name, numbers, shapes.get(name)));
    writer.put("decoder.head.weight", decoder, 1).write(path);
    ResNet encoder = new ResNet(new Init(device, 8), SMALL);
    EncoderWeights.Match match = EncoderWeights.load(encoder, SafeTensors.read(path));
    assertEquals(encoder.state().size(), match.loaded().size());
  }

  @Test
  void aFileThatLacksATensorIsRefused() {
    values.remove("layer4.1.bn2.running_var");
    assertRefused("holds only 99 of the encoder's 100 tensors", "'layer4.1.bn2.running_var'");
  }

  /** As DataParallel and larger networks save it. */
  @Test
  void whateverTheNamesBeginWith() {
    for (String prefix :
        new String[] {"module.", "state_dict.model.backbone.", "module.encoder."}) {
      SafeTensors file = file(prefix);
      assertEquals(SMALL, EncoderWeights.configOf(file));
      ResNet encoder = new ResNet(new Init(device, 8), SMALL);
      assertEquals(100, EncoderWeights.load(encoder, file).loaded().size());
    }
  }

  @Test
  void severalEncodersAreRefused() {
    Path path = folder.resolve("encoder.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    for (String prefix : new String[] {"module.encoder_q.", "module.encoder_k."}) {
      values.forEach((name, numbers) -> writer.put(prefix + name, numbers, shapes.get(name)));
    }
    writer.write(path);
    SafeTensors file = SafeTensors.read(path);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> EncoderWeights.configOf(file));
    assertTrue(
        e.getMessage().contains("several encoders, 'module.encoder_q.', 'module.encoder_k.'; keep"),
        e.getMessage());
  }

  /** A ResNet-26 has a ResNet-18's stages of bottlenecks, a ResNet-101 a longer third one. */
  @Test
  void otherDepthsAreRefused() {
    ResNet.Config deep = new ResNet.Config(50, 2, 1, 0);
    values.clear();
    new ResNet(new Init(device, 3), deep).state().forEach((name, t) -> put(name, t));
    put("layer3.6.conv1.weight", new float[1], 1);
    assertDepthRefused("has stages of 3, 4, 7, 3 bottlenecks");
    values.keySet().removeIf(name -> name.matches("layer\\d\\.[2-9]\\..*"));
    assertDepthRefused("has stages of 2, 2, 2, 2 bottlenecks");
  }

  private void assertDepthRefused(String what) {
    SafeTensors file = file("");
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> EncoderWeights.configOf(file));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  /** A few bytes that tell of an encoder of terabytes. */
  @Test
  void theWidthIsBelievedOnlyWithItsLastStage() {
    put("conv1.weight", new float[0], 1_000_000, 0, 7, 7);
    assertWidthRefused("'layer4.0.conv1.weight' is [16, 8, 3, 3]");
    put("layer4.0.conv1.weight", new float[0], 8_000_000, 0, 3, 3);
    assertWidthRefused("'layer4.0.conv1.weight' is [8000000, 0, 3, 3]");
    put("layer4.0.conv1.weight", new float[1]);
    assertWidthRefused("'layer4.0.conv1.weight' is []");
    values.remove("layer4.0.conv1.weight");
    assertWidthRefused("'layer4.0.conv1.weight' is missing");
  }

  private void assertWidthRefused(String what) {
    SafeTensors file = file("");
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> EncoderWeights.configOf(file));
    assertTrue(e.getMessage().startsWith(file.file() + ": is not of an encoder"), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  @Test
  void aMatchIsWrittenForOneChannel() {
    ResNet encoder = new ResNet(new Init(device, 8), SMALL);
    EncoderWeights.Match match = EncoderWeights.load(encoder, file(""));
    Path path = folder.resolve("grey.safetensors");
    EncoderWeights.save(encoder, match, path);
    SafeTensors saved = SafeTensors.read(path);
    assertEquals(match.loaded(), saved.names());
    assertEquals(SMALL, EncoderWeights.configOf(saved));
    EncoderWeights.Match again = EncoderWeights.load(new ResNet(new Init(device, 9), SMALL), saved);
    assertEquals(match.loaded(), again.loaded());
    assertFalse(again.stemSummed());
  }

  @Test
  void anotherShapeIsRefused() {
    put("layer2.0.conv1.weight", new float[4 * 4 * 9], 4, 4, 3, 3);
    assertRefused("'layer2.0.conv1.weight' is F32[4, 4, 3, 3] instead of F32[4, 2, 3, 3]");
  }

  @Test
  void aDeeperNetworkIsRefused() {
    put("layer3.6.conv1.weight", new float[1], 1);
    assertRefused("'layer3.6.conv1.weight' is not in this encoder");
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() {
    values.get("layer1.1.bn2.running_var")[1] = Float.NaN;
    assertRefused("'layer1.1.bn2.running_var' holds NaN");
  }

  @Test
  void aFileWithoutAnyOfTheTensorsIsRefused() {
    values.clear();
    put("weight", new float[1], 1);
    SafeTensors file = file("fc.");
    ResNet encoder = new ResNet(new Init(device, 8), SMALL);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> EncoderWeights.configOf(file));
    assertTrue(e.getMessage().contains("holds no tensor 'conv1.weight'"), e.getMessage());
    assertThrows(FileFormatException.class, () -> EncoderWeights.load(encoder, file));
  }

  @Test
  void theDepthIsRecognised() {
    for (int depth : new int[] {18, 34, 50}) {
      values.clear();
      ResNet.Config config = new ResNet.Config(depth, 2, 1, 0);
      new ResNet(new Init(device, 1), config).state().forEach((name, t) -> put(name, t));
      assertEquals(config, EncoderWeights.configOf(file("")));
    }
  }
}
