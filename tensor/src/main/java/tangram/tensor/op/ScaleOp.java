package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Product with a one-element tensor that carries no gradient, {@code y = s x}: weights that change
 * from step to step. Gradient: {@code gx = s gy}.
 */
public final class ScaleOp {
  private ScaleOp() {}

  /**
   * Scales a tensor.
   *
   * @param x any shape
   * @param s one element
   */
  public static Tensor scale(Tensor x, Tensor s) {
    Checks.reals("scale", x, s);
    Checks.that(s.size() == 1, () -> "the factor has one element, not " + s.shape());
    Checks.that(!s.requiresGrad(), () -> "scale() does not differentiate by its factor");
    var elementwise = x.device().kernels().elementwise();
    Tensor y = Checks.like(x);
    elementwise.scale(x.buffer(), s.buffer(), y.buffer());
    return Autograd.record(
        "scale(x, s)",
        y,
        new Tensor[] {x},
        new Tensor[] {s},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          elementwise.scale(gy.buffer(), s.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
