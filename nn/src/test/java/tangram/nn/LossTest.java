package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.CrossEntropyOp.Reduction;

/** What losses do at their edges; their values and gradients are compared in LayersContract. */
class LossTest {
  private final Device device = Devices.get("vector");
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor of(float... values) {
    return device.tensor(values).requireGrad();
  }

  @Test
  void crossEntropyOfLargeLogits() {
    Tensor x = of(0, 200);
    Tensor loss = Loss.crossEntropy(x, device.tensor(new int[] {0}, new int[0]));
    loss.backward();
    assertEquals(200, loss.item());
    assertArrayEquals(new float[] {-1, 1}, x.grad().toFloats());
  }

  /** Half a step from the target at a logit of 0, where the formula has an edge. */
  @Test
  void logitsOfZero() {
    Tensor x = of(0, 0);
    Loss.bceWithLogits(x, device.tensor(new float[] {1, 0}), null, null, Reduction.SUM).backward();
    assertArrayEquals(new float[] {-0.5f, 0.5f}, x.grad().toFloats());
    Tensor y = of(0, 0);
    Tensor weight = device.tensor(new float[] {3, 3});
    Loss.bceWithLogits(y, device.tensor(new float[] {1, 0}), null, weight, Reduction.SUM)
        .backward();
    assertArrayEquals(new float[] {-1.5f, 0.5f}, y.grad().toFloats());
  }

  @Test
  void largeLogits() {
    Tensor x = of(1000, -1000);
    Tensor loss = Loss.bceWithLogits(x, device.tensor(new float[] {0, 1}));
    loss.backward();
    assertEquals(1000, loss.item());
    assertArrayEquals(new float[] {0.5f, -0.5f}, x.grad().toFloats());
  }

  /** As PyTorch: logarithms of at least -100, a denominator of at least 1e-12. */
  @Test
  void probabilitiesOfZeroAndOne() {
    Tensor x = of(0, 1, 0, 1);
    Tensor target = device.tensor(new float[] {1, 0, 0, 1});
    Tensor losses = Loss.bce(x, target, null, Reduction.NONE);
    assertArrayEquals(new float[] {100, 100, 0, 0}, losses.toFloats(), 0);
    losses.sum().backward();
    assertArrayEquals(new float[] {-1e12f, 1e12f, 0, 0}, x.grad().toFloats(), 1e6f);
  }

  @Test
  void shapesAreNotRepeatedSilently() {
    Tensor x = device.zeros(3, 1);
    Tensor y = device.zeros(3);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Loss.mse(x, y)).getMessage();
    assertEquals(
        "mse: shapes [3, 1] and [3] differ; expand() one of them if it is meant to be repeated",
        message);
    assertThrows(
        IllegalArgumentException.class,
        () -> Loss.bceWithLogits(y, y, device.zeros(2, 3), null, Reduction.MEAN));
  }

  @Test
  void aTargetWithoutGradientIsSaid() {
    Tensor target = of(1, 0);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Loss.bce(of(0.5f, 0.5f), target))
            .getMessage();
    assertTrue(message.contains("detach()"), message);
  }
}
