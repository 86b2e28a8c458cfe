package tangram.pclmix.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.onnx.OnnxRuntime;
import tangram.pclmix.data.AcdcData;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.network.SegmentationOptions;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.training.ModelExport;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Exported networks in ONNX Runtime against this program. Prints the largest difference. */
class OnnxParityTest {
  /**
   * Relative to the largest logit. On networks of random weights both programs are some 1e-5 of it
   * away from what the reference device computes in double precision.
   */
  private static final double TOLERANCE = 1e-4;

  @TempDir private static Path folder;

  private final Device device = Devices.get("vector");

  /** Networks, of random weights and statistics. */
  private enum Net {
    QUARTER_WIDTH_18(Map.of()),
    NARROW_50(
        Map.of(
            Setting.ENCODER_DEPTH, "50",
            Setting.ENCODER_WIDTH, "8",
            Setting.UNET_CHANNELS, "32,16,16,8,8"));

    final TrainingConfig config;

    Net(Map<Setting, String> settings) {
      config = TrainingConfig.of(Preset.TINY, settings);
    }
  }

  private TrainedModel model(Net net) {
    SegmentationNetwork network =
        new SegmentationNetwork(new Init(device, 3), net.config.network());
    randomiseNorms(network);
    // Statistics of batches that it saw, or its numbers would grow from layer to layer.
    network.train(true);
    for (int i = 0; i < 20; i++) {
      float[] batch = images(PhantomData.slices(64, 8, 1 + i));
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad()) {
        network.forward(device.tensor(batch, batch.length / (64 * 64), 1, 64, 64));
      }
    }
    network.train(false);
    return new TrainedModel(
        net.config,
        network,
        new Segmenter(
            device, network, Labels.HEART, net.config.framing(), SegmentationOptions.PLAIN));
  }

  /** Batch normalisation as if trained: fresh, it leaves its input almost as it is. */
  private static void randomiseNorms(Module module) {
    CounterRandom random = new CounterRandom(5, 1, 2, 3);
    module
        .state()
        .forEach(
            (name, tensor) -> {
              boolean scale = name.endsWith("running_var") || tensor.shape().rank() == 1;
              boolean shift = name.endsWith("running_mean") || name.endsWith("bias");
              if (!scale && !shift) {
                return;
              }
              float[] values = new float[tensor.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    (float) (shift ? 0.3 * random.nextGaussian() : 0.5 + random.nextDouble());
              }
              tensor.copyFrom(values, 0);
            });
  }

  @ParameterizedTest
  @EnumSource(Net.class)
  void networksGiveTheSameLogitsAtAnySizeAndBatch(Net net) {
    TrainedModel model = model(net);
    Path file = folder.resolve(net + ".onnx");
    ModelExport.writeOnnx(model, file);
    try (OnnxRuntime runner = new OnnxRuntime(file)) {
      for (int[] shape : new int[][] {{1, 32, 32}, {3, 64, 64}, {2, 96, 160}, {1, 128, 128}}) {
        float[] random = uniform(shape[0] * shape[1] * shape[2]);
        assertSameLogits(net + " random", model, runner, random, shape);
      }
      for (int size : new int[] {64, 128}) {
        List<Slice> slices = PhantomData.slices(size, 7, 41).subList(0, 4);
        assertSameLogits(
            net + " phantoms", model, runner, images(slices), slices.size(), size, size);
      }
    }
  }

  @Test
  void networksGiveTheSameLogitsOnRealSlices() {
    Path acdc = AcdcData.folder();
    Net net = Net.QUARTER_WIDTH_18;
    TrainedModel model = model(net);
    Path file = folder.resolve("real.onnx");
    ModelExport.writeOnnx(model, file);
    List<Slice> slices =
        Dataset.load(
                acdc,
                Labels.HEART,
                Patients.parse("41"),
                Framing.square(128),
                Spacings.NONE,
                UnaryOperator.identity(),
                new Notices())
            .slices()
            .subList(0, 5);
    try (OnnxRuntime runner = new OnnxRuntime(file)) {
      assertSameLogits("real slices", model, runner, images(slices), slices.size(), 128, 128);
    }
  }

  @Test
  void theModelTellsHowItIsUsed() throws Exception {
    Path file = folder.resolve("described.onnx");
    ModelExport.writeOnnx(model(Net.QUARTER_WIDTH_18), file);
    try (OnnxRuntime runner = new OnnxRuntime(file)) {
      Map<String, String> metadata = runner.session().getMetadata().getCustomMetadata();
      assertEquals("background,right ventricle,myocardium,left ventricle", metadata.get("classes"));
      assertEquals("64", metadata.get("image_size"));
      String text = runner.session().getMetadata().getDescription();
      for (String word : new String[] {"99th percentile", "greatest 1", "64x64 bilinearly"}) {
        assertTrue(text.contains(word), text);
        assertTrue(metadata.get("preparation").contains(word), metadata.get("preparation"));
      }
      TensorInfo in = (TensorInfo) runner.session().getInputInfo().get(ModelExport.IMAGE).getInfo();
      assertArrayEquals(new long[] {-1, 1, -1, -1}, in.getShape());
      assertArrayEquals(new String[] {"batch", "", "height", "width"}, in.getDimensionNames());
      TensorInfo out =
          (TensorInfo) runner.session().getOutputInfo().get(ModelExport.LOGITS).getInfo();
      assertArrayEquals(new long[] {-1, 4, -1, -1}, out.getShape());
    }
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertTrue(bytes.contains("encoder.layer4.1.bn2.running_var"));
    assertTrue(bytes.contains("decoder.head.weight"));
  }

  private void assertSameLogits(
      String what, TrainedModel model, OnnxRuntime runner, float[] images, int... shape) {
    float[] actual;
    float[] expected;
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor x = device.tensor(images, shape[0], 1, shape[1], shape[2]);
      expected = model.network().forward(x).toFloats();
      Tensor logits = runner.run(device, Map.of(ModelExport.IMAGE, x)).get(ModelExport.LOGITS);
      actual = logits.toFloats();
    }
    assertEquals(expected.length, actual.length);
    double difference = 0;
    double largest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
      least = Math.min(least, expected[i]);
    }
    System.out.printf(
        Locale.ROOT,
        "%s %dx%dx%d: logits up to %.3g, largest difference %.2g%n",
        what,
        shape[0],
        shape[1],
        shape[2],
        largest,
        difference);
    assertTrue(largest - least > 0.1, what + ": the logits do not vary");
    assertTrue(difference <= TOLERANCE * largest, what + ": " + difference);
  }

  private static float[] uniform(int count) {
    CounterRandom random = new CounterRandom(9, 1, count, 0);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  private static float[] images(List<Slice> slices) {
    int pixels = slices.get(0).image().length;
    float[] images = new float[slices.size() * pixels];
    for (int i = 0; i < slices.size(); i++) {
      System.arraycopy(slices.get(i).image(), 0, images, i * pixels, pixels);
    }
    return images;
  }
}
