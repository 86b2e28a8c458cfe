package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Optimizer;

/** {@code v = momentum * v + (g + weightDecay * w); w = w - lr * v}. */
final class ReferenceOptimizer implements Optimizer {
  @Override
  public void sgd(
      Buffer wBuffer,
      Buffer gBuffer,
      Buffer vBuffer,
      Buffer lrBuffer,
      double momentum,
      double weightDecay) {
    Reals w = Reals.of(wBuffer);
    Reals g = Reals.of(gBuffer);
    Reals v = Reals.of(vBuffer);
    double lr = Reals.of(lrBuffer).get(0);
    for (int i = 0; i < w.length(); i++) {
      double gradient = g.get(i) + weightDecay * w.get(i);
      v.set(i, momentum * v.get(i) + gradient);
      w.set(i, w.get(i) - lr * v.get(i));
    }
  }
}
