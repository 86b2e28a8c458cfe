package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Scales the vectors along dimension 1 to unit length, {@code y = x / max(|x|, eps)}; PyTorch's
 * {@code normalize}. Gradient: {@code gx = (gy - y (y . gy)) / |x|}.
 */
public final class NormalizeOp {
  private static final double EPS = 1e-12;

  private NormalizeOp() {}

  /**
   * Normalises over the channels.
   *
   * @param x [N, C, ...]
   */
  public static Tensor normalize(Tensor x) {
    Checks.that(x.shape().rank() >= 2, () -> "normalize needs [N, C, ...], not " + x.shape());
    Checks.reals("normalize", x);
    Checks.notEmpty("normalize", x);
    int outer = x.dim(0);
    int c = x.dim(1);
    int inner = x.size() / (outer * c);
    var normalization = x.device().kernels().normalization();
    Tensor y = Checks.like(x);
    Tensor norm = x.device().uninitialized(outer, inner);
    normalization.normalize(outer, c, inner, x.buffer(), EPS, norm.buffer(), y.buffer());
    return Autograd.record(
        "normalize(x)",
        y,
        new Tensor[] {x},
        new Tensor[] {y, norm},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          normalization.normalizeBackward(
              outer, c, inner, y.buffer(), norm.buffer(), gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
