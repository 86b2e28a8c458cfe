package tangram.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Shapes, sizes and names of the networks; their numbers are compared with PyTorch elsewhere. */
class NetworkShapesTest {
  private final Device device = Devices.get("vector");

  /** Parameters of torchvision's ResNets without the classifier and with one input channel. */
  @ParameterizedTest
  @CsvSource({"18, 11170240", "34, 21278400", "50, 23501760"})
  void resNetsHaveTorchvisionsParameters(int depth, long expected) {
    ResNet net = new ResNet(new Init(device, 0), new ResNet.Config(depth, 64, 1, 0));
    assertEquals(expected, net.parameterCount());
    assertTrue(net.parameters().containsKey("layer2.0.downsample.0.weight"));
    assertTrue(net.buffers().containsKey("layer4.1.bn2.running_var"));
    net.parameters().values().forEach(Tensor::close);
  }

  @ParameterizedTest
  @CsvSource({"64, 64, 4", "96, 64, 4", "64, 96, 7", "32, 32, 7", "160, 32, 8"})
  void decodersGiveLogitsAtFullSizeForAnyMultipleOf32(int h, int w, int window) {
    Init init = new Init(device, 0);
    ResNet.Config config = new ResNet.Config(18, 4, 1, 0);
    ResNet encoder = new ResNet(init, config);
    UnetDecoder unet = new UnetDecoder(init, config.channels(), new int[] {8, 8, 4, 4, 4}, 4);
    SwinDecoder swin =
        new SwinDecoder(
            init,
            config.channels(),
            new SwinDecoder.Config(6, new int[] {1, 2, 3}, window, 64, 0),
            4);
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      List<Tensor> features = encoder.features(device.full(0.5, 2, 1, h, w));
      assertArrayEquals(new int[] {2, 32, h / 32, w / 32}, features.get(4).shape().dims());
      assertEquals(Shape.of(2, 4, h, w), unet.forward(features).shape());
      assertEquals(Shape.of(2, 4, h, w), swin.forward(features).shape());
    }
  }

  @Test
  void imagesThatAreNotMultiplesOf32AreRefused() {
    ResNet encoder = new ResNet(new Init(device, 0), new ResNet.Config(18, 4, 1, 0));
    try (Scope scope = Scope.open()) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> encoder.features(device.full(0, 1, 1, 48, 64)));
      assertTrue(e.getMessage().contains("48x64"), e.getMessage());
    }
  }

  @Test
  void theSameSeedGivesTheSameWeightsOnAnyDevice() {
    Tensor a = new Init(device, 5).draw(Initializer.kaimingNormal(), 8, 3, 3, 3);
    Tensor b = new Init(Devices.get("reference"), 5).draw(Initializer.kaimingNormal(), 8, 3, 3, 3);
    assertArrayEquals(a.toFloats(), b.toFloats());
  }

  @Test
  void initialisationHasTheStatedDeviation() {
    Init init = new Init(device, 5);
    assertEquals(
        Math.sqrt(2.0 / 576),
        deviation(init.draw(Initializer.kaimingNormal(), 64, 64, 3, 3)),
        1e-3);
    // A normal cut at two deviations has 0.8796 of its deviation left.
    assertEquals(
        0.02 * 0.8796, deviation(init.draw(Initializer.truncatedNormal(0.02), 256, 256)), 2e-4);
  }

  private static double deviation(Tensor t) {
    double squares = 0;
    for (float v : t.toFloats()) {
      squares += (double) v * v;
    }
    return Math.sqrt(squares / t.size());
  }
}
