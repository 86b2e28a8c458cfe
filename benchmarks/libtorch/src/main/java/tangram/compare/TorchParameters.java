package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.nn.Module;
import tangram.tensor.Tensor;

/**
 * The parameters, running statistics and momenta of a network in libtorch, under the names that
 * they have in ours.
 */
final class TorchParameters {
  private final Map<String, PtNDArray> values = new LinkedHashMap<>();
  private final Map<String, PtNDArray> momenta = new LinkedHashMap<>();
  private final Map<String, PtNDArray> leaves = new LinkedHashMap<>();
  private final List<String> trained;

  /**
   * Copies a network.
   *
   * @param network whose names and shapes they are
   * @param numbers the values of a tensor, by name
   */
  TorchParameters(Libtorch libtorch, Module network, Function<String, float[]> numbers) {
    trained = List.copyOf(network.parameters().keySet());
    for (Map.Entry<String, Tensor> e : network.state().entrySet()) {
      String name = e.getKey();
      int[] dims = e.getValue().shape().dims();
      values.put(name, libtorch.array(numbers.apply(name), dims));
    }
  }

  /** Forgets all gradients: the next ones are taken over instead of added. */
  void clearGradients() {
    leaves.values().forEach(PtNDArray::close);
    for (String name : trained) {
      leaves.put(name, Libtorch.leaf(values.get(name)));
    }
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The names of what is trained. */
  List<String> trained() {
    return trained;
  }

  /** A parameter to compute with; without gradients before {@link #clearGradients}. */
  PtNDArray get(String name) {
    return leaves.isEmpty() ? values.get(name) : leaves.get(name);
  }

  /** The gradient by a parameter; the caller closes it. */
  PtNDArray gradient(String name) {
    return JniUtils.getGradient(leaves.get(name));
  }

  /** A parameter that only some layers have, or null. */
  PtNDArray find(String name) {
    return has(name) ? get(name) : null;
  }

  /** A tensor that is not trained, or a parameter's values. */
  PtNDArray value(String name) {
    return values.get(name);
  }

  /** Stochastic gradient descent with momentum and weight decay. */
  void sgd(double rate, double momentum, double decay) {
    leaves.forEach(
        (name, leaf) -> {
          try (PtNDArray gradient = JniUtils.getGradient(leaf)) {
            JniUtils.sgdUpdate(
                leaf,
                gradient,
                momenta.computeIfAbsent(name, n -> Libtorch.zerosLike(leaf)),
                (float) rate,
                (float) decay,
                1,
                -1,
                (float) momentum);
          }
        });
  }
}
