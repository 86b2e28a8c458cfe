package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Mean squared error over all elements (paper eq. 9). Gradients: {@code ga = 2 (a - b) / count =
 * -gb}.
 */
public final class MseLossOp {
  private MseLossOp() {}

  /**
   * Computes the loss.
   *
   * @param a any shape
   * @param b the shape of a
   * @return shape []
   */
  public static Tensor mseLoss(Tensor a, Tensor b) {
    Checks.reals("mse_loss", a, b);
    Checks.sameShape("mse_loss", a, b);
    Checks.notEmpty("mse_loss", a);
    var loss = a.device().kernels().loss();
    Tensor y = a.device().uninitialized();
    loss.mse(a.buffer(), b.buffer(), y.buffer());
    return Autograd.record(
        "mse_loss(a, b)",
        y,
        new Tensor[] {a, b},
        new Tensor[] {a, b},
        gy -> {
          Tensor ga = null;
          Tensor gb = null;
          if (a.requiresGrad()) {
            ga = Checks.like(a);
            loss.mseBackward(a.buffer(), b.buffer(), gy.buffer(), ga.buffer());
          }
          if (b.requiresGrad()) {
            gb = Checks.like(b);
            loss.mseBackward(b.buffer(), a.buffer(), gy.buffer(), gb.buffer());
          }
          return new Tensor[] {ga, gb};
        });
  }
}
