package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.ConvOp.conv2d;
import static tangram.tensor.op.LinearOp.linear;
import static tangram.tensor.op.NormOp.batchNorm;
import static tangram.tensor.op.NormOp.batchNormInference;
import static tangram.tensor.op.NormOp.layerNorm;
import static tangram.tensor.op.NormalizeOp.normalize;
import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * What is not a number stays so through every operation. That is how a training that diverges is
 * noticed: by its loss.
 */
public abstract class NotANumberContract extends KernelContract {
  private static final int N = 2;
  private static final int C = 4;
  private static final int SIDE = 5;

  /** The operation of an [N, C, SIDE, SIDE] of which one element is not a number. */
  private void assertStays(String what, UnaryOperator<Tensor> operation) {
    try (Scope scope = Scope.open()) {
      double[] values = uniform(1, N * C * SIDE * SIDE, 0.1, 0.9);
      values[3] = Double.NaN;
      boolean found = false;
      for (double y : operation.apply(device().tensor(values, N, C, SIDE, SIDE)).toDoubles()) {
        found |= Double.isNaN(y);
      }
      assertTrue(found, what + " turns NaN into a number");
    }
  }

  private Tensor all(double value, int... dims) {
    return device().full(value, dims);
  }

  private Tensor normalized(Tensor x, Tensor residual, boolean relu) {
    return batchNorm(x, residual, all(1, C), all(0, C), all(0, C), all(1, C), 0.1, 1e-5, relu);
  }

  private Tensor normalizedForInference(Tensor x, boolean relu) {
    return batchNormInference(x, null, all(1, C), all(0, C), all(0, C), all(1, C), 1e-5, relu);
  }

  @Test
  void activations() {
    assertStays("relu", x -> x.relu());
    assertStays("gelu", x -> x.gelu());
    assertStays("softmax", x -> softmax(x, 1));
  }

  @Test
  void normalizations() {
    for (boolean relu : new boolean[] {false, true}) {
      assertStays("batch norm, relu " + relu, x -> normalized(x, null, relu));
      assertStays(
          "batch norm of the residual, relu " + relu,
          x -> normalized(all(1, N, C, SIDE, SIDE), x, relu));
      assertStays("batch norm at inference, relu " + relu, x -> normalizedForInference(x, relu));
    }
    assertStays("layer norm", x -> layerNorm(x, Shape.of(SIDE), all(1, SIDE), all(0, SIDE), 1e-5));
    assertStays("normalize", x -> normalize(x, 2, 1, 1e-12));
  }

  @Test
  void products() {
    assertStays("conv2d", x -> conv2d(x, all(0, C, C, 3, 3), null, 1, 1));
    assertStays("linear", x -> linear(x, all(0, 2, SIDE), null));
  }

  @Test
  void folds() {
    assertStays("sum", x -> x.sum(0, 3));
    assertStays("largest", x -> x.max(1));
    assertStays("square of a difference", x -> x.sub(1).square().mean());
  }
}
