package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.AddOp.add;
import static tangram.tensor.op.GeluOp.gelu;
import static tangram.tensor.op.LerpOp.lerp;
import static tangram.tensor.op.LinearOp.linear;
import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

class GradientCheckTest {
  private static final Device DEVICE = new ReferenceDevice();

  private final Scope scope = Scope.open();
  private final Tensor x = DEVICE.tensor(new double[] {0.5, -1, 2}, 3).requireGrad();

  @AfterEach
  void close() {
    scope.close();
  }

  /** y = 3 x, with the gradient {@code slope * gy}. */
  private static Tensor triple(Tensor x, double slope) {
    Tensor y = DEVICE.empty(3);
    DEVICE.kernels().elementwise().multiply(x.buffer(), 3, y.buffer());
    return Autograd.record(
        "triple",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = DEVICE.empty(3);
          DEVICE.kernels().elementwise().multiply(gy.buffer(), slope, gx.buffer());
          return new Tensor[] {gx};
        });
  }

  @Test
  void acceptsARightGradient() {
    GradientCheck.check("triple", Map.of("x", x), () -> triple(x, 3));
    assertArrayEquals(new double[] {0.5, -1, 2}, x.toDoubles(), "the leaves are restored");
  }

  @Test
  void noticesAWrongGradient() {
    AssertionError e =
        assertThrows(
            AssertionFailedError.class,
            () -> GradientCheck.check("triple", Map.of("x", x), () -> triple(x, 3.00001)));
    assertTrue(e.getMessage().contains("gradient of x"), e.getMessage());
  }

  @Test
  void noticesAMissingGradient() {
    Tensor unused = DEVICE.zeros(1).requireGrad();
    assertThrows(
        AssertionFailedError.class,
        () -> GradientCheck.check("triple", Map.of("unused", unused), () -> triple(x, 3)));
  }

  /**
   * Gradients through a graph in which values are used several times, along paths of any length.
   */
  @Test
  void composition() {
    Tensor input = DEVICE.tensor(KernelContract.normal(1, 12), 3, 4).requireGrad();
    Tensor weight = DEVICE.tensor(KernelContract.normal(2, 16), 4, 4).requireGrad();
    Tensor bias = DEVICE.tensor(KernelContract.normal(3, 4), 4).requireGrad();
    GradientCheck.check(
        "a residual network",
        Map.of("input", input, "weight", weight, "bias", bias),
        () -> {
          Tensor hidden = gelu(linear(input, weight, bias));
          Tensor sum = add(hidden, input);
          Tensor again = add(linear(sum, weight, null), sum);
          return softmax(lerp(again, add(again, hidden), 0.3), -1);
        });
  }
}
