package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.model.Gpt2;
import tangram.nn.model.LeNet;
import tangram.nn.model.MobileNetV2;
import tangram.nn.model.ResNet;
import tangram.nn.model.SwinTransformer;
import tangram.nn.model.Unet;
import tangram.nn.model.Vgg;
import tangram.nn.model.VisionTransformer;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Networks, written as ONNX, compute the same for other batches and sizes, read again and in ONNX
 * Runtime.
 */
class ExportedNetworksTest {
  @TempDir private Path folder;

  private record Network(
      String name, Function<Init, Layer> make, List<String> dims, int[] example, int[] other) {}

  private static List<String> image(String side) {
    return List.of("batch", "3", side.isEmpty() ? "height" : side, side.isEmpty() ? "width" : side);
  }

  private static Network of(String name, Function<Init, Layer> make, int side, boolean free) {
    int[] other = {3, 3, free ? 96 : side, free ? 64 : side};
    List<String> dims = image(free ? "" : Integer.toString(side));
    return new Network(name, make, dims, new int[] {1, 3, side, side}, other);
  }

  private static List<Network> networks() {
    SwinTransformer.Config swin =
        new SwinTransformer.Config(16, List.of(2, 2), List.of(2, 4), 4, 0, 5);
    VisionTransformer.Config vit = new VisionTransformer.Config(32, 8, 2, 2, 16, 32, 0, 5);
    return List.of(
        new Network(
            "lenet",
            i -> new LeNet(i, 1, 10),
            List.of("batch", "1", "28", "28"),
            new int[] {1, 1, 28, 28},
            new int[] {5, 1, 28, 28}),
        of("resnet18", i -> new ResNet(i, ResNet.Config.of(18, 5)), 32, true),
        of("vgg11", i -> new Vgg(i, 11, true, 5), 32, false),
        of("mobilenet", i -> new MobileNetV2(i, 5), 32, true),
        of("unet", i -> new Unet(i, 3, 2, 4, 2), 32, true),
        of("swin", i -> new SwinTransformer(i, swin), 40, false),
        of("vit", i -> new VisionTransformer(i, vit), 32, false),
        new Network(
            "gpt2",
            i -> new Gpt2(i, Gpt2.Config.of(11, 24, 8, 2, 2)),
            List.of("batch", "time"),
            new int[] {1, 3},
            new int[] {2, 17}));
  }

  @TestFactory
  Stream<DynamicTest> computeTheSame() {
    return networks().stream().map(n -> DynamicTest.dynamicTest(n.name, () -> check(n)));
  }

  private static Tensor input(Device device, Network network, int[] dims) {
    return network.dims.size() == 2
        ? device.arange(dims[0] * dims[1], DType.I64).remainder(11).to(DType.I64).reshape(dims)
        : device.rand(new Generator(1), dims);
  }

  private void check(Network network) {
    Device device = Devices.get("vector");
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Layer layer = network.make.apply(new Init(device, 0));
      layer.train(false);
      Tensor x = input(device, network, network.example);
      Tensor y = layer.forward(x);
      List<String> out = List.of("a", "b", "c", "d").subList(0, y.shape().rank());
      Path file = folder.resolve(network.name + ".onnx");
      new OnnxWriter(new OnnxValue("x", "", network.dims), new OnnxValue("y", "", out))
          .write(network.name, layer, t -> new Tensor[] {layer.forward(t[0])}, file, x);
      OnnxModule read = new OnnxModule(OnnxModel.read(file), device);
      assertTrue(layer.parameters().keySet().containsAll(read.parameters().keySet()));
      Tensor other = input(device, network, network.other);
      Tensor expected = layer.forward(other);
      Map<String, Tensor> given = Map.of("x", other);
      OnnxRuntime.assertClose("read again", expected, read.forward(given).get("y"), 1e-4);
      try (OnnxRuntime runtime = new OnnxRuntime(file)) {
        OnnxRuntime.assertClose(
            "in ONNX Runtime", expected, runtime.run(device, given).get("y"), 1e-4);
      }
    }
  }
}
