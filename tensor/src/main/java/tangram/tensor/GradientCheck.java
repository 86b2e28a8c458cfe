package tangram.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Compares the gradients of automatic differentiation with central differences, {@code (f(x + h) -
 * f(x - h)) / 2h}, element by element, in double precision: for tests of functions, operations and
 * layers of one's own.
 *
 * <pre>{@code
 * Device device = Devices.get("reference");
 * Linear layer = new Linear(new Init(device, 1), 3, 2);
 * Tensor x = device.randn(new Generator(2), 4, 3);
 * GradientCheck.check("linear", layer.parameters(), () -> layer.forward(x));
 * }</pre>
 *
 * <p>The function's result is made a scalar by a fixed random weight for each of its elements. With
 * {@code h = 1e-6 max(1, |x|)} the differences are good to about 1e-9 of the scale of the function.
 * At an edge, as of a ReLU, they may differ from a right gradient.
 */
public final class GradientCheck {
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 1e-6;

  /** Errors are relative to the largest element of a gradient, or to this. */
  private static final double LEAST_SCALE = 1e-3;

  /** The purpose under which the weights are drawn. */
  private static final int PURPOSE = 97;

  private GradientCheck() {}

  /**
   * Returns if all gradients agree to 1e-6 of the largest element of each.
   *
   * @param what the function, for messages
   * @param leaves the tensors to differentiate by, which require gradients: of type {@code F64}, or
   *     on the device {@code reference}, whose {@code F32} has double precision; their elements are
   *     the same afterwards, their gradients are overwritten
   * @param function computes a tensor of any shape from the leaves, the same at every call; it is
   *     called twice for each of their elements
   * @throws AssertionError if a gradient is wrong or missing; it tells which element
   * @throws IllegalArgumentException if the leaves cannot be checked
   */
  public static void check(String what, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    leaves.forEach((name, leaf) -> requireDoubles(what, name, leaf));
    double[] weights = gradients(what, leaves, function);
    for (Map.Entry<String, Tensor> e : leaves.entrySet()) {
      Tensor leaf = e.getValue();
      if (leaf.grad() == null) {
        throw new AssertionError(what + ": no gradient reached " + e.getKey());
      }
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
      compare(what, e.getKey(), leaf, differences);
    }
  }

  private static void requireDoubles(String what, String name, Tensor leaf) {
    boolean doubles =
        leaf.type() == DType.F64
            || (leaf.type() == DType.F32 && leaf.device().realBytes() == Double.BYTES);
    if (!doubles) {
      throw new IllegalArgumentException(
          "%s: central differences need double precision, and %s is %s on %s; use F64 or the device reference"
              .formatted(what, name, leaf.type(), leaf.device()));
    }
    if (!leaf.requiresGrad()) {
      throw new IllegalArgumentException(
          what + ": " + name + " requires no gradient; call requireGrad()");
    }
  }

  /** Fills the gradients of the leaves; returns the weights of the result's elements. */
  private static double[] gradients(
      String what, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    try (Scope scope = Scope.open()) {
      leaves.values().forEach(Tensor::zeroGrad);
      double[] again;
      try (Autograd.Guard guard = Autograd.noGrad()) {
        again = function.get().toDoubles();
      }
      Tensor y = function.get();
      if (!Arrays.equals(again, y.toDoubles())) {
        throw new IllegalArgumentException(
            what + " gives another result at each call; seek() what it draws, or switch it off");
      }
      if (!y.requiresGrad()) {
        throw new AssertionError(what + " was not recorded");
      }
      double[] weights = new double[y.size()];
      CounterRandom random = new CounterRandom(0, PURPOSE, 0, 0);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = random.nextGaussian();
      }
      y.backward(y.device().uninitialized(y.type(), y.shape()).copyFrom(weights, 0));
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

  private static void compare(String what, String name, Tensor leaf, double[] differences) {
    double[] gradient = leaf.grad().toDoubles();
    double scale = LEAST_SCALE;
    for (double d : differences) {
      if (!Double.isFinite(d)) {
        throw new AssertionError(what + " is not finite near this " + name);
      }
      scale = Math.max(scale, Math.abs(d));
    }
    for (int i = 0; i < gradient.length; i++) {
      // Written so that NaN counts as wrong.
      if (!(Math.abs(gradient[i] - differences[i]) <= TOLERANCE * scale)) {
        throw new AssertionError(
            "%s: gradient of %s, element %d of %s, is %s, but central differences say %s"
                .formatted(what, name, i, leaf.shape(), gradient[i], differences[i]));
      }
    }
  }
}
