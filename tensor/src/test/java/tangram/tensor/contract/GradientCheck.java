package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.function.Supplier;
import tangram.tensor.Autograd;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Compares the gradients of automatic differentiation with central differences, {@code (f(x + h) -
 * f(x - h)) / 2h}, element by element, in double precision.
 *
 * <p>The function's output is made a scalar by a fixed random weight for each of its elements. With
 * {@code h = 1e-6 max(1, |x|)} the differences are good to about 1e-9 of the scale of the function.
 */
public final class GradientCheck {
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 1e-6;

  private GradientCheck() {}

  /**
   * Fails unless all gradients agree to 1e-6 of the largest element of each.
   *
   * @param what the function, for messages
   * @param leaves the tensors to differentiate by, which require gradients, on a device of double
   *     precision; their elements are the same afterwards, their gradients are overwritten
   * @param function computes a tensor of any shape from the leaves; called many times
   */
  public static void check(String what, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    double[] weights = gradients(what, leaves, function);
    for (Map.Entry<String, Tensor> e : leaves.entrySet()) {
      Tensor leaf = e.getValue();
      assertEquals(8, leaf.device().realBytes(), "central differences need double precision");
      assertNotNull(leaf.grad(), what + ": no gradient reached " + e.getKey());
      double[] values = leaf.toDoubles();
      double[] differences = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        double x = values[i];
        double h = STEP * Math.max(1, Math.abs(x));
        values[i] = x + h;
        double above = evaluate(leaf, values, function, weights);
        values[i] = x - h;
        double below = evaluate(leaf, values, function, weights);
        values[i] = x;
        differences[i] = (above - below) / ((x + h) - (x - h));
      }
      leaf.copyFrom(values, 0);
      Closeness.assertClose(
          what + ": gradient of " + e.getKey() + " against central differences",
          differences,
          leaf.grad().toDoubles(),
          TOLERANCE,
          1e-3);
    }
  }

  /** Fills the gradients of the leaves; returns the weights of the output's elements. */
  private static double[] gradients(
      String what, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    try (Scope scope = Scope.open()) {
      for (Tensor leaf : leaves.values()) {
        assertTrue(leaf.requiresGrad(), "the leaves must require gradients");
        leaf.zeroGrad();
      }
      Tensor y = function.get();
      assertTrue(y.requiresGrad(), what + " was not recorded");
      double[] weights = KernelContract.normal(97, y.size());
      y.backward(y.device().tensor(weights, y.shape().dims()));
      return weights;
    }
  }

  private static double evaluate(
      Tensor leaf, double[] values, Supplier<Tensor> function, double[] weights) {
    leaf.copyFrom(values, 0);
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      double[] y = function.get().toDoubles();
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        sum += weights[i] * y[i];
      }
      return sum;
    }
  }
}
