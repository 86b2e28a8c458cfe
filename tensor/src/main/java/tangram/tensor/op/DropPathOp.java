package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Stochastic depth: every sample of the batch is multiplied by its entry of a mask that holds 0 or
 * 1 / keep probability. Source: Huang et al. 2016. The mask comes as a tensor, so that a recorded
 * step can be replayed with another. Gradient: {@code gx[i] = mask[i] gy[i]}.
 */
public final class DropPathOp {
  private DropPathOp() {}

  /**
   * Scales samples.
   *
   * @param x [N, ...]
   * @param mask [N]
   */
  public static Tensor dropPath(Tensor x, Tensor mask) {
    Checks.reals("drop_path", x, mask);
    Checks.notEmpty("drop_path", x);
    int rows = x.dim(0);
    Checks.that(
        mask.size() == rows, () -> "drop_path: a mask of " + mask.shape() + " for " + x.shape());
    int cols = x.size() / rows;
    var elementwise = x.device().kernels().elementwise();
    Tensor y = Checks.like(x);
    elementwise.scaleRows(rows, cols, x.buffer(), mask.buffer(), y.buffer());
    return Autograd.record(
        "drop_path(x, mask)",
        y,
        new Tensor[] {x},
        new Tensor[] {mask},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          elementwise.scaleRows(rows, cols, gy.buffer(), mask.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
