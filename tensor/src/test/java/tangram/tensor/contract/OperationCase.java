package tangram.tensor.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** One use of an operation: its inputs as host arrays, and how it is applied to them. */
final class OperationCase {
  /** The inputs as tensors of some device, by name. */
  @FunctionalInterface
  interface Inputs {
    Tensor get(String name);
  }

  /** Applies the operation. */
  @FunctionalInterface
  interface Application {
    Tensor to(Inputs inputs);
  }

  private static final class Input {
    final Object values;
    final int[] dims;
    final boolean differentiate;

    Input(Object values, int[] dims, boolean differentiate) {
      this.values = values;
      this.dims = dims;
      this.differentiate = differentiate;
    }
  }

  private final Class<?> operation;
  private final String name;
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private Application application;
  private double tolerance = KernelCheck.TOLERANCE;
  private double scale;

  /**
   * Starts a case.
   *
   * @param operation the class of {@code tangram.tensor.op} that it is an entry of
   * @param name what distinguishes it from the operation's other cases
   */
  OperationCase(Class<?> operation, String name) {
    this.operation = operation;
    this.name = name;
  }

  /** An input to differentiate by. */
  OperationCase input(String name, double[] values, int... dims) {
    inputs.put(name, new Input(values, checked(values.length, dims), true));
    return this;
  }

  /** A real input without a gradient. */
  OperationCase constant(String name, double[] values, int... dims) {
    inputs.put(name, new Input(values, checked(values.length, dims), false));
    return this;
  }

  /** An integer input. */
  OperationCase integers(String name, int[] values, int... dims) {
    inputs.put(name, new Input(values, checked(values.length, dims), false));
    return this;
  }

  /** Sets the tolerance of a device against the reference, relative to the scale. */
  OperationCase tolerance(double relative) {
    tolerance = relative;
    return this;
  }

  /** Sets the least scale, where results or gradients may cancel to almost nothing. */
  OperationCase scale(double magnitude) {
    scale = magnitude;
    return this;
  }

  /** Says how the operation is applied. */
  OperationCase apply(Application how) {
    application = how;
    return this;
  }

  Class<?> operation() {
    return operation;
  }

  double tolerance() {
    return tolerance;
  }

  double scale() {
    return scale;
  }

  /** Makes the inputs tensors of a device; none of them requires a gradient yet. */
  Map<String, Tensor> tensors(Device device) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Input> e : inputs.entrySet()) {
      Input input = e.getValue();
      tensors.put(
          e.getKey(),
          input.values instanceof int[]
              ? device.tensor((int[]) input.values, input.dims)
              : device.tensor((double[]) input.values, input.dims));
    }
    return tensors;
  }

  /** The inputs to differentiate by, marked so. */
  Map<String, Tensor> leaves(Map<String, Tensor> tensors) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    for (Map.Entry<String, Input> e : inputs.entrySet()) {
      if (e.getValue().differentiate) {
        leaves.put(e.getKey(), tensors.get(e.getKey()).requireGrad());
      }
    }
    return leaves;
  }

  /** Whether there is an input to differentiate by. */
  boolean isDifferentiable() {
    return inputs.values().stream().anyMatch(i -> i.differentiate);
  }

  /** Applies the operation to tensors made by {@link #tensors}. */
  Tensor apply(Map<String, Tensor> tensors) {
    return application.to(
        key -> {
          if (!tensors.containsKey(key)) {
            throw new IllegalArgumentException("the case has no input " + key);
          }
          return tensors.get(key);
        });
  }

  @Override
  public String toString() {
    return operation.getSimpleName() + (name.isEmpty() ? "" : " " + name);
  }

  private static int[] checked(int length, int[] dims) {
    if (Shape.of(dims).size() != length) {
      throw new IllegalArgumentException(length + " values for " + Shape.of(dims));
    }
    return dims;
  }
}
