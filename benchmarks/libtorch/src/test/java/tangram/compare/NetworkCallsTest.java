package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.tensor.kernel.ConvShape;

/** The paper's network, counted by hand. */
class NetworkCallsTest {
  private final NetworkCalls calls = NetworkCalls.of(Configurations.paper());

  private static int sum(Map<?, Integer> counts) {
    return counts.values().stream().mapToInt(n -> n).sum();
  }

  @Test
  void everyLayerIsSeen() {
    // ResNet-50 has 49 convolutions and 4 shortcuts, the U-Net decoder 5 x 2 and a head, the Swin
    // decoder 4 patch embeddings, the embedding head 2. A batch norm follows all but the last 7.
    assertEquals(70, sum(NetworkCalls.count(calls.forward(), "convolution", c -> c)));
    assertEquals(64, sum(NetworkCalls.count(calls.forward(), "batch_norm", c -> c)));
    // Four linear layers in each of 6 blocks, two in each of 3 levels, and two at the end.
    assertEquals(32, sum(NetworkCalls.products(calls.forward())));
    assertEquals(6, sum(NetworkCalls.count(calls.forward(), "attention", c -> c)));
  }

  @Test
  void theImagesNeedNoGradient() {
    ConvShape stem = new ConvShape(2, 1, 224, 224, 64, 7, 7, 2, 3);
    Map<ConvShape, Integer> weights =
        NetworkCalls.count(
            calls.backward(), "convolutionWeightGradient", c -> c.get(0, ConvShape.class));
    Map<ConvShape, Integer> inputs =
        NetworkCalls.count(
            calls.backward(), "convolutionInputGradient", c -> c.get(0, ConvShape.class));
    assertEquals(1, weights.get(stem));
    assertFalse(inputs.containsKey(stem));
    assertEquals(sum(weights) - 1, sum(inputs));
  }
}
