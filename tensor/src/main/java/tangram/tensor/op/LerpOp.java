package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Linear interpolation {@code y = (1 - t) a + t b} with a weight fixed for the run. Gradients:
 * {@code ga = (1 - t) gy}, {@code gb = t gy}.
 */
public final class LerpOp {
  private LerpOp() {}

  /**
   * Interpolates between two tensors of one shape.
   *
   * @param t weight of b
   */
  public static Tensor lerp(Tensor a, Tensor b, double t) {
    Checks.reals("lerp", a, b);
    Checks.sameShape("lerp", a, b);
    var elementwise = a.device().kernels().elementwise();
    Tensor y = Checks.like(a);
    elementwise.lerp(a.buffer(), b.buffer(), t, y.buffer());
    return Autograd.record(
        "lerp(a, b)",
        y,
        new Tensor[] {a, b},
        new Tensor[0],
        gy -> {
          Tensor ga = null;
          Tensor gb = null;
          if (a.requiresGrad()) {
            ga = Checks.like(a);
            elementwise.multiply(gy.buffer(), 1 - t, ga.buffer());
          }
          if (b.requiresGrad()) {
            gb = Checks.like(b);
            elementwise.multiply(gy.buffer(), t, gb.buffer());
          }
          return new Tensor[] {ga, gb};
        });
  }
}
