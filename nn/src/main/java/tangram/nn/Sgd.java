package tangram.nn;

import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/**
 * Stochastic gradient descent with momentum and weight decay, PyTorch's {@code torch.optim.SGD}.
 */
public final class Sgd extends Optimizer {
  private static final double[] NONE = {};

  /** Velocity, gradient, weight; momentum, weight decay. */
  private static final Formula VELOCITY =
      Formula.of(3, 2, (x, p) -> p[0].mul(x[0]).add(x[1].add(p[1].mul(x[2]))));

  /** Weight, velocity, learning rate. */
  private static final Formula WEIGHT = Formula.of(3, x -> x[0].sub(x[2].mul(x[1])));

  private final Map<String, Tensor> momenta;
  private final double[] numbers;

  /**
   * Creates the optimiser; {@link #setLearningRate} comes before the first step.
   *
   * @param parameters what to train, by name
   * @param momentum weight of the past
   * @param weightDecay L2 penalty
   */
  public Sgd(Device device, Map<String, Tensor> parameters, double momentum, double weightDecay) {
    super(device, parameters);
    this.numbers = new double[] {momentum, weightDecay};
    this.momenta = zeros(device);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    Tensor v = momenta.get(name);
    MapOp.into(v, VELOCITY, numbers, v, gradient, p);
    MapOp.into(p, WEIGHT, NONE, p, v, learningRate);
  }

  /** The momentum of every parameter, by the parameter's name. */
  @Override
  public Map<String, Tensor> state() {
    return momenta;
  }
}
