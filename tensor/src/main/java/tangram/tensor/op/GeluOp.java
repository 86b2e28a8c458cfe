package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Gaussian error linear unit in its exact form, {@code y = x Phi(x)} (Hendrycks and Gimpel 2016).
 * Gradient: {@code gx = gy (Phi(x) + x phi(x))}.
 */
public final class GeluOp {
  private GeluOp() {}

  /** Applies it to every element of a tensor of any shape. */
  public static Tensor gelu(Tensor x) {
    Checks.reals("gelu", x);
    var elementwise = x.device().kernels().elementwise();
    Tensor y = Checks.like(x);
    elementwise.gelu(x.buffer(), y.buffer());
    return Autograd.record(
        "gelu(x)",
        y,
        new Tensor[] {x},
        new Tensor[] {x},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          elementwise.geluBackward(x.buffer(), gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
