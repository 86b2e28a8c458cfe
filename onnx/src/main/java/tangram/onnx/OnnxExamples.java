package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Inputs of different sizes, made of one example by repetition along the dimensions that are
 * declared by a name, and what a network computes from them.
 */
final class OnnxExamples {
  private final List<OnnxValue> inputs;
  private final List<OnnxValue> outputs;
  private final List<Tensor[]> traced = new ArrayList<>();
  private final List<Tensor[]> checked = new ArrayList<>();
  private final List<Tensor[]> expected = new ArrayList<>();

  /** Sizes of the named dimensions of each example that is checked. */
  private final List<Map<String, Integer>> sizes = new ArrayList<>();

  /** Makes the examples and computes them. */
  OnnxExamples(
      List<OnnxValue> inputs,
      List<OnnxValue> outputs,
      Function<Tensor[], Tensor[]> forward,
      Tensor[] example) {
    this.inputs = inputs;
    this.outputs = outputs;
    if (example.length != inputs.size()) {
      throw new IllegalArgumentException(
          example.length + " examples for " + inputs.size() + " inputs");
    }
    Map<String, Integer> named = named(example);
    // A dimension of one element may be treated otherwise than longer ones.
    Map<String, Integer> base = new LinkedHashMap<>();
    Map<String, Integer> thrice = new LinkedHashMap<>();
    named.forEach((name, size) -> base.put(name, size == 1 ? 2 : 1));
    named.forEach((name, size) -> thrice.put(name, 3));
    run(forward, example, null);
    if (base.containsValue(2)) {
      run(forward, repeated(example, base), null);
    }
    traced.add(checked.get(checked.size() - 1));
    for (String name : named.keySet()) {
      Map<String, Integer> twice = new LinkedHashMap<>(base);
      twice.merge(name, 2, (a, b) -> a * b);
      run(forward, repeated(example, twice), name);
      traced.add(checked.get(checked.size() - 1));
    }
    if (!named.isEmpty()) {
      run(forward, repeated(example, thrice), "every named dimension");
    }
  }

  /** Inputs that differ in one named dimension each from the first. */
  List<Tensor[]> traced() {
    return traced;
  }

  /** The named dimensions of inputs and their sizes. */
  private Map<String, Integer> named(Tensor[] x) {
    Map<String, Integer> named = new LinkedHashMap<>();
    for (int i = 0; i < x.length; i++) {
      inputs.get(i).requireFit(x[i].shape());
      collect(inputs.get(i), x[i].shape(), named);
    }
    return named;
  }

  private static void collect(OnnxValue value, Shape shape, Map<String, Integer> named) {
    for (int d = 0; d < shape.rank(); d++) {
      String name = value.dims().get(d);
      if (!OnnxValue.isNumber(name)) {
        Integer other = named.putIfAbsent(name, shape.dim(d));
        if (other != null && other != shape.dim(d)) {
          throw new IllegalArgumentException(
              "the dimension '%s' of '%s' is %d, elsewhere %d; call it otherwise"
                  .formatted(name, value.name(), shape.dim(d), other));
        }
      }
    }
  }

  /** The example with dimensions that many times as long, and other real numbers. */
  private Tensor[] repeated(Tensor[] example, Map<String, Integer> times) {
    double factor = 1 - 0.07 * (checked.size() % 8);
    Tensor[] x = new Tensor[example.length];
    for (int i = 0; i < x.length; i++) {
      List<String> dims = inputs.get(i).dims();
      int[] counts = dims.stream().mapToInt(d -> times.getOrDefault(d, 1)).toArray();
      x[i] = example[i].repeat(counts);
      if (x[i].type().isReal()) {
        x[i] = x[i].mul(factor);
      }
    }
    return x;
  }

  private void run(Function<Tensor[], Tensor[]> forward, Tensor[] x, String larger) {
    Tensor[] y;
    try (Scope scope = Scope.open()) {
      y = forward.apply(x);
      for (Tensor result : y) {
        scope.keep(result);
      }
    } catch (IllegalArgumentException e) {
      if (larger == null) {
        throw e;
      }
      throw new IllegalArgumentException(
          "the network does not take inputs of which "
              + larger
              + " is larger than in the example, "
              + Arrays.toString(Arrays.stream(x).map(Tensor::shape).toArray())
              + "; declare as a number what may not vary: "
              + e.getMessage(),
          e);
    }
    if (y.length != outputs.size()) {
      throw new IllegalArgumentException(
          "the network returns " + y.length + " tensors for " + outputs.size() + " outputs");
    }
    Map<String, Integer> named = named(x);
    for (int k = 0; k < y.length; k++) {
      outputs.get(k).requireFit(y[k].shape());
      collect(outputs.get(k), y[k].shape(), named);
    }
    checked.add(x);
    expected.add(y);
    sizes.add(named);
  }

  /**
   * Checks that a model computes the same.
   *
   * @throws IllegalArgumentException if not
   */
  void check(Function<Map<String, Tensor>, Map<String, Tensor>> model) {
    for (int i = 0; i < checked.size(); i++) {
      Map<String, Tensor> x = new LinkedHashMap<>();
      for (int k = 0; k < inputs.size(); k++) {
        x.put(inputs.get(k).name(), checked.get(i)[k]);
      }
      Map<String, Tensor> y = model.apply(x);
      for (int k = 0; k < outputs.size(); k++) {
        String name = outputs.get(k).name();
        String wrong = difference(expected.get(i)[k], y.get(name));
        if (wrong != null) {
          throw new IllegalArgumentException(
              "the model as written gives another '%s' than the network, for sizes %s: %s"
                  .formatted(name, sizes.get(i), wrong));
        }
      }
    }
  }

  /** What is wrong, or null. */
  private static String difference(Tensor expected, Tensor actual) {
    if (!expected.shape().equals(actual.shape()) || expected.type() != actual.type()) {
      return "%s%s instead of %s%s"
          .formatted(actual.type(), actual.shape(), expected.type(), expected.shape());
    }
    double[] a = numbers(expected);
    double[] b = numbers(actual);
    double largest = 0;
    for (double v : a) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    double tolerance =
        switch (expected.type()) {
          case F32 -> 2e-4;
          case F64 -> 1e-9;
          case F16, BF16 -> 4e-2;
          default -> 0;
        };
    for (int i = 0; i < a.length; i++) {
      boolean same =
          Double.isFinite(a[i])
              ? Math.abs(a[i] - b[i]) <= tolerance * largest
              : Double.compare(a[i], b[i]) == 0;
      if (!same) {
        return b[i] + " instead of " + a[i] + " at place " + i + " of " + expected.shape();
      }
    }
    return null;
  }

  private static double[] numbers(Tensor x) {
    OnnxConstant all = OnnxConstant.of(x);
    double[] numbers = new double[all.size()];
    Arrays.setAll(numbers, all::at);
    return numbers;
  }
}
