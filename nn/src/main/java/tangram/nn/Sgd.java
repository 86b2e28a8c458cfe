package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/**
 * Stochastic gradient descent with momentum and weight decay on all parameters, PyTorch's {@code
 * torch.optim.SGD}. The learning rate is a tensor, so that a recorded step can be replayed with
 * another.
 */
public final class Sgd {
  private static final double[] NONE = {};

  /** Velocity, gradient, weight; momentum, weight decay. */
  private static final Formula VELOCITY =
      Formula.of(3, 2, (x, p) -> p[0].mul(x[0]).add(x[1].add(p[1].mul(x[2]))));

  /** Weight, velocity, learning rate. */
  private static final Formula WEIGHT = Formula.of(3, x -> x[0].sub(x[2].mul(x[1])));

  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> momenta = new LinkedHashMap<>();
  private final Tensor learningRate;
  private final double[] numbers;
  private boolean rateSet;

  /**
   * Creates the optimiser; {@link #setLearningRate} comes before the first step.
   *
   * @param parameters what to train, by name
   * @param momentum weight of the past
   * @param weightDecay L2 penalty
   */
  public Sgd(Device device, Map<String, Tensor> parameters, double momentum, double weightDecay) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.numbers = new double[] {momentum, weightDecay};
    try (Scope persistent = Scope.detached()) {
      this.learningRate = device.scalar(0);
      parameters.forEach((name, p) -> momenta.put(name, device.zeros(p.shape().dims())));
    }
  }

  /** Sets the learning rate of the following steps. */
  public void setLearningRate(double rate) {
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
  public void step() {
    if (!rateSet) {
      throw new IllegalStateException("set the learning rate before the first step");
    }
    parameters.forEach(
        (name, p) -> {
          if (p.grad() != null) {
            Tensor v = momenta.get(name);
            MapOp.into(v, VELOCITY, numbers, v, p.grad(), p);
            MapOp.into(p, WEIGHT, NONE, p, v, learningRate);
          }
        });
  }

  /** The momentum of every parameter, by the parameter's name: the optimiser's state. */
  public Map<String, Tensor> state() {
    return momenta;
  }
}
