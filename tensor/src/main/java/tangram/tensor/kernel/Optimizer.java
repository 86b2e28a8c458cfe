package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Parameter updates, in place. */
public interface Optimizer {
  /**
   * Stochastic gradient descent as in PyTorch: {@code g += weightDecay * w; v = momentum * v + g; w
   * -= lr[0] * v}.
   *
   * @param w parameters
   * @param g gradients, left as they are
   * @param v momentum buffer
   * @param lr learning rate [1]
   */
  void sgd(Buffer w, Buffer g, Buffer v, Buffer lr, double momentum, double weightDecay);
}
