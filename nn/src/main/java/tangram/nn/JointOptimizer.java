package tangram.nn;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tangram.tensor.Tensor;

/** Optimisers of different parameters as one. */
final class JointOptimizer extends Optimizer {
  private final Optimizer[] parts;

  /** Each part's learning rate by that of the first. */
  private final double[] ratios;

  JointOptimizer(Optimizer... parts) {
    super(first(parts).learningRate());
    this.parts = parts.clone();
    this.ratios = new double[parts.length];
    Set<String> names = new HashSet<>();
    for (int i = 0; i < parts.length; i++) {
      double rate = parts[i].learningRate();
      ratios[i] = rate == learningRate() ? 1 : rate / learningRate();
      if (Double.isInfinite(ratios[i])) {
        throw new IllegalArgumentException(
            "the first of the optimisers has the learning rate 0, to which the others have no"
                + " ratio; put another first");
      }
      for (String name : parts[i].parameters.keySet()) {
        if (!names.add(name)) {
          throw new IllegalArgumentException("two optimisers train '" + name + "'");
        }
      }
    }
  }

  private static Optimizer first(Optimizer... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("there is no optimiser to join");
    }
    return parts[0];
  }

  @Override
  void rateChanged(double to) {
    for (int i = 0; i < parts.length; i++) {
      parts[i].setLearningRate(to * ratios[i]);
    }
  }

  @Override
  public void zeroGrad() {
    for (Optimizer part : parts) {
      part.zeroGrad();
    }
  }

  @Override
  public void step() {
    for (Optimizer part : parts) {
      part.step();
    }
  }

  /** The state of every part, its names after the part's number and a dot. */
  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < parts.length; i++) {
      String prefix = i + ".";
      parts[i].state().forEach((name, tensor) -> state.put(prefix + name, tensor));
    }
    return state;
  }

  @Override
  void prepare() {}

  @Override
  void update(String name, Tensor parameter, Tensor gradient) {
    throw new UnsupportedOperationException("the parts update their parameters");
  }
}
