package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Moves parameters along their gradients. The learning rate is a tensor, so that a recorded step
 * can be replayed with another.
 */
public abstract class Optimizer {
  final Map<String, Tensor> parameters;
  final Tensor learningRate;
  private boolean rateSet;

  Optimizer(Device device, Map<String, Tensor> parameters) {
    this.parameters = new LinkedHashMap<>(parameters);
    try (Scope persistent = Scope.detached()) {
      this.learningRate = device.scalar(0);
    }
  }

  /** Zeros like every parameter, which outlive scopes. */
  final Map<String, Tensor> zeros(Device device) {
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    try (Scope persistent = Scope.detached()) {
      parameters.forEach((name, p) -> zeros.put(name, device.zeros(p.shape().dims())));
    }
    return zeros;
  }

  /** Sets the learning rate of the following steps. */
  public final void setLearningRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a learning rate is 0 or more, not " + rate);
    }
    learningRate.copyFrom(new double[] {rate}, 0);
    rateSet = true;
  }

  /**
   * Updates every parameter that has a gradient.
   *
   * @throws IllegalStateException if no learning rate was set
   */
  public final void step() {
    if (!rateSet) {
      throw new IllegalStateException("set the learning rate before the first step");
    }
    beforeStep();
    parameters.forEach(
        (name, p) -> {
          if (p.grad() != null) {
            update(name, p, p.grad());
          }
        });
  }

  /** What all updates of a step share. */
  void beforeStep() {}

  abstract void update(String name, Tensor parameter, Tensor gradient);

  /** What the next step reads besides parameters and gradients, by name: checkpoints hold it. */
  public abstract Map<String, Tensor> state();
}
