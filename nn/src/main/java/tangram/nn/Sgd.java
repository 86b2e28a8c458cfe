package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Stochastic gradient descent with momentum and weight decay on all parameters, PyTorch's {@code
 * torch.optim.SGD}. The learning rate is a tensor, so that a recorded step can be replayed with
 * another.
 */
public final class Sgd {
  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> momenta = new LinkedHashMap<>();
  private final Tensor learningRate;
  private final double momentum;
  private final double weightDecay;

  /**
   * Creates the optimiser.
   *
   * @param parameters what to train, by name
   * @param momentum weight of the past
   * @param weightDecay L2 penalty
   */
  public Sgd(Device device, Map<String, Tensor> parameters, double momentum, double weightDecay) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    try (Scope persistent = Scope.detached()) {
      this.learningRate = device.scalar(0);
      parameters.forEach((name, p) -> momenta.put(name, device.zeros(p.shape().dims())));
    }
  }

  /** Sets the learning rate of the following steps. */
  public void setLearningRate(double rate) {
    learningRate.copyFrom(new double[] {rate}, 0);
  }

  /** Updates every parameter that has a gradient. */
  public void step() {
    parameters.forEach(
        (name, p) -> {
          if (p.grad() != null) {
            p.device()
                .kernels()
                .optimizer()
                .sgd(
                    p.buffer(),
                    p.grad().buffer(),
                    momenta.get(name).buffer(),
                    learningRate.buffer(),
                    momentum,
                    weightDecay);
          }
        });
  }

  /** The momentum of every parameter, by the parameter's name: the optimiser's state. */
  public Map<String, Tensor> state() {
    return momenta;
  }
}
