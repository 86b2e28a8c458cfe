package tangram.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Classifiers against torchvision's: {@code tools/parity/models.py} wrote the numbers. */
class ModelsTest {
  private static final double[] TABLE = new double[9973];
  private static final int CLASSES = 7;
  private static final int SIDE = 64;

  static {
    Arrays.setAll(TABLE, Math::sin);
  }

  private final Device device = Devices.get("vector");

  private record Model(String name, int side, Function<Init, Layer> make) {
    Model(String name, Function<Init, Layer> make) {
      this(name, SIDE, make);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Model> models() {
    return Stream.of(
        resNet(18),
        resNet(34),
        resNet(50),
        resNet(101),
        resNet(152),
        new Model("vgg11", init -> new Vgg(init, 11, false, CLASSES)),
        new Model("vgg11_bn", init -> new Vgg(init, 11, true, CLASSES)),
        new Model("mobilenet_v2", init -> new MobileNetV2(init, CLASSES)),
        new Model("mobilenet_v2 0.35", init -> new MobileNetV2(init, CLASSES, 0.35)),
        swin(SIDE, 7),
        swin(36, 3),
        new Model(
            "swin_t", init -> new SwinTransformer(init, SwinTransformer.Config.tiny(CLASSES))),
        new Model(
            "vit",
            init ->
                new VisionTransformer(
                    init, new VisionTransformer.Config(SIDE, 16, 3, 4, 24, 40, 0, CLASSES))));
  }

  private static Model swin(int side, int window) {
    SwinTransformer.Config config =
        new SwinTransformer.Config(
            12, List.of(2, 2, 2, 2), List.of(1, 2, 3, 4), window, 0.1, CLASSES);
    return new Model("swin " + side, side, init -> new SwinTransformer(init, config));
  }

  private static Model resNet(int depth) {
    return new Model("resnet" + depth, init -> new ResNet(init, ResNet.Config.of(depth, CLASSES)));
  }

  static double table(int i, int factor, int shift) {
    return TABLE[(int) (((long) i * factor + shift) % TABLE.length)];
  }

  static void fill(String name, Tensor tensor) {
    int shift = 0;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      shift += b;
    }
    boolean vector = tensor.shape().rank() == 1;
    double scale = vector ? 0.1 : Math.sqrt(3.0 / (tensor.size() / tensor.dim(0)));
    double base = vector && name.endsWith("weight") ? 1 : 0;
    if (name.endsWith("running_var")) {
      scale = 0.5;
      base = 1;
    }
    float[] values = new float[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (base + scale * table(i, 31, shift));
    }
    tensor.copyFrom(values, 0);
  }

  private static double[] expected(String name) {
    try (InputStream in = ModelsTest.class.getResourceAsStream("models.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + ": "))
          .flatMap(line -> Arrays.stream(line.substring(name.length() + 2).split(" ")))
          .mapToDouble(Double::parseDouble)
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void computesWhatTorchvisionComputes(Model model) {
    double[] expected = expected(model.name);
    Layer network = model.make.apply(Init.unset(device));
    assertEquals((long) expected[0], network.parameterCount());
    network.state().forEach(ModelsTest::fill);
    network.train(false);
    float[] images = new float[2 * 3 * model.side * model.side];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) table(i, 17, 5);
    }
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      double[] logits =
          network
              .forward(device.tensor(images, 2, 3, model.side, model.side))
              .flatten()
              .toDoubles();
      double largest = Arrays.stream(expected).skip(1).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < logits.length; i++) {
        assertEquals(expected[i + 1], logits[i], 1e-4 * largest, "logit " + i);
      }
    }
    network.state().values().forEach(Tensor::close);
  }

  @Test
  void theOthersHaveTheirShapes() {
    Init init = new Init(device, 0);
    try (Scope scope = Scope.open()) {
      LeNet leNet = new LeNet(init, 1, 10);
      assertEquals(61_706, leNet.parameterCount());
      assertEquals(Shape.of(2, 10), leNet.forward(device.zeros(2, 1, 28, 28)).shape());
      Mlp mlp = new Mlp(init, 4, 8, 3);
      assertTrue(mlp.state().containsKey("layers.2.weight"));
      assertEquals(Shape.of(5, 2, 3), mlp.forward(device.zeros(5, 2, 4)).shape());
      Unet unet = new Unet(init, 1, 3, 4, 2);
      assertEquals(Shape.of(2, 3, 8, 12), unet.forward(device.zeros(2, 1, 8, 12)).shape());
      assertThrows(IllegalArgumentException.class, () -> unet.forward(device.zeros(2, 1, 10, 12)));
      assertThrows(IllegalArgumentException.class, () -> new Vgg(init, 12, false, 2));
      assertThrows(IllegalArgumentException.class, () -> ResNet.Config.of(20, 2));
    }
  }

  /** All weights of the networks that are not compared with others get gradients. */
  @Test
  void everyWeightIsUsed() {
    Init init = new Init(device, 0);
    assertUsed(new LeNet(init, 1, 10), device.ones(2, 1, 28, 28));
    assertUsed(new Unet(init, 1, 3, 4, 2), device.ones(2, 1, 8, 12));
    assertUsed(new Mlp(init, Tensor::tanh, 4, 8, 3), device.ones(2, 4));
  }

  /** In training branches are dropped, the same in the same step. */
  @Test
  void transformersTrain() {
    Init init = new Init(device, 0);
    SwinTransformer.Config config =
        new SwinTransformer.Config(8, List.of(2, 1), List.of(2, 2), 2, 0.5, 3);
    SwinTransformer swin = new SwinTransformer(init, config);
    VisionTransformer.Config small = new VisionTransformer.Config(16, 8, 2, 2, 8, 12, 0.1, 3);
    VisionTransformer vit = new VisionTransformer(init, small);
    for (Layer network : List.of(swin, vit)) {
      try (Scope scope = Scope.open()) {
        Tensor x = device.ones(3, 3, 16, 16).mul(device.arange(16, DType.F32));
        // Its head begins with zeros.
        vit.parameters().get("heads.head.weight").fill(0.1);
        network.seek(5);
        float[] first = network.forward(x).toFloats();
        float[] next = network.forward(x).toFloats();
        network.seek(5);
        Tensor again = network.forward(x);
        assertArrayEquals(first, again.toFloats());
        assertFalse(Arrays.equals(first, next));
        again.square().sum().backward();
      }
      network.parameters().forEach((name, p) -> assertTrue(p.grad() != null, name));
    }
    try (Scope scope = Scope.open()) {
      Tensor wrong = device.zeros(1, 3, 16, 8);
      assertThrows(IllegalArgumentException.class, () -> vit.forward(wrong));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new VisionTransformer.Config(20, 8, 2, 2, 8, 12, 0, 3));
  }

  private static void assertUsed(Layer network, Tensor x) {
    try (Scope scope = Scope.open()) {
      network.forward(x).square().sum().backward();
    }
    network.parameters().forEach((name, p) -> assertTrue(p.grad() != null, name));
  }
}
