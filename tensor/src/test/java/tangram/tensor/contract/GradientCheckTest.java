package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.LinearOp.linear;
import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.GradientCheck;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;
import tangram.tensor.reference.ReferenceDevice;

class GradientCheckTest {
  private static final Device DEVICE = new ReferenceDevice();
  private static final Formula TIMES = Formula.of(1, 1, (x, p) -> x[0].mul(p[0]));

  private final Scope scope = Scope.open();
  private final Tensor x = DEVICE.tensor(new double[] {0.5, -1, 2}, 3).requireGrad();

  @AfterEach
  void close() {
    scope.close();
  }

  /** y = 3 x, with the gradient {@code slope * gy}. */
  private static Tensor triple(Tensor x, double slope) {
    Tensor y = DEVICE.empty(3);
    MapOp.into(y, TIMES, new double[] {3}, x);
    return Autograd.record(
        "triple",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = DEVICE.empty(3);
          MapOp.into(gx, TIMES, new double[] {slope}, gy);
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
            AssertionError.class,
            () -> GradientCheck.check("triple", Map.of("x", x), () -> triple(x, 3.00001)));
    assertTrue(e.getMessage().contains("gradient of x"), e.getMessage());
  }

  @Test
  void noticesAMissingGradient() {
    Tensor unused = DEVICE.zeros(1).requireGrad();
    assertThrows(
        AssertionError.class,
        () -> GradientCheck.check("triple", Map.of("unused", unused), () -> triple(x, 3)));
  }

  @Test
  void refusesWhatCannotBeChecked() {
    Device vector = Devices.get("vector");
    Tensor single = vector.ones(2).requireGrad();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> GradientCheck.check("square", Map.of("x", single), () -> single.square()))
            .getMessage();
    assertTrue(message.contains("double precision"), message);
    Generator generator = new Generator(1);
    message =
        assertThrows(
                IllegalArgumentException.class,
                () -> GradientCheck.check("drop", Map.of("x", x), () -> x.dropout(0.5, generator)))
            .getMessage();
    assertTrue(message.contains("another result at each call"), message);
  }

  /** Double precision of any device. */
  @Test
  void acceptsDoublesOfAnyDevice() {
    Device vector = Devices.get("vector");
    Tensor w = vector.f64(0.5, 2).requireGrad();
    assertTrue(w.type() == DType.F64);
    GradientCheck.check("cube", Map.of("w", w), () -> w.pow(3));
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
          Tensor hidden = linear(input, weight, bias).gelu();
          Tensor sum = hidden.add(input);
          Tensor again = linear(sum, weight, null).add(sum);
          return softmax(again.lerp(again.add(hidden), 0.3), -1);
        });
  }
}
