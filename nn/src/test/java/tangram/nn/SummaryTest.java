package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;

class SummaryTest {
  private final Device device = Devices.get("vector");

  @Test
  void aLineForEachOperation() {
    Init init = new Init(device, 1);
    Sequential network =
        new Sequential(
            new Conv2d(init, 1, 8, 3, ConvOptions.DEFAULT.padding(1)),
            new BatchNorm2d(init, 8),
            Layer.of(x -> x.relu()),
            Layers.maxPool2d(PoolOptions.of(2)),
            Layers.flatten(),
            new Dropout(init, 0.5),
            new Linear(init, 1568, 10));
    String summary = network.summary(device.ones(2, 1, 28, 28));
    assertEquals(
        """
        module           operation             output          parameters
        0 (Conv2d)       conv2d                [2, 8, 28, 28]          80
        1 (BatchNorm2d)  batch_norm_inference  [2, 8, 28, 28]          16
                         relu                  [2, 8, 28, 28]
                         maxPool2d             [2, 8, 14, 14]
        6 (Linear)       linear                [2, 10]             15,690
        15,786 parameters
        """,
        summary);
    // Everything is as it was.
    assertTrue(network.isTraining() && network.layers().get(1).isTraining());
    assertArrayEquals(new float[8], network.state().get("1.running_mean").toFloats());
    assertEquals(null, network.parameters().get("6.weight").grad());
  }

  /** Parts of a module's weights are no lines of their own. */
  @Test
  void attentionReadsPartsOfItsWeights() {
    Init init = new Init(device, 1);
    MultiheadAttention attention = new MultiheadAttention(init, 4, 2);
    String summary =
        attention.summary(
            () ->
                attention.forward(
                    device.ones(3, 1, 4),
                    device.ones(5, 1, 4),
                    device.ones(5, 1, 4),
                    AttentionMask.NONE));
    assertEquals(3, summary.lines().filter(l -> l.startsWith("(MultiheadAttention)")).count());
    assertTrue(summary.contains("out_proj (Linear)"), summary);
    assertTrue(summary.endsWith("80 parameters\n"), summary);
  }
}
