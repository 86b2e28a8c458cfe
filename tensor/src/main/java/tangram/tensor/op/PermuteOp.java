package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/** Permutation of dimensions, {@code y[i_p0, i_p1, ...] = x[i_0, i_1, ...]}; copies. */
public final class PermuteOp {
  private PermuteOp() {}

  /**
   * Permutes.
   *
   * @param x at most 6 dimensions
   * @param perm dimension d of the result is dimension perm[d] of x
   */
  public static Tensor permute(Tensor x, int... perm) {
    Checks.reals("permute", x);
    int rank = x.shape().rank();
    Checks.that(
        perm.length == rank && rank <= 6, () -> "permute: " + perm.length + " for " + x.shape());
    int[] shape = x.shape().dims();
    int[] dims = new int[rank];
    int[] inverse = new int[rank];
    boolean[] seen = new boolean[rank];
    for (int i = 0; i < rank; i++) {
      Checks.that(
          perm[i] >= 0 && perm[i] < rank && !seen[perm[i]], () -> "permute: not a permutation");
      seen[perm[i]] = true;
      dims[i] = shape[perm[i]];
      inverse[perm[i]] = i;
    }
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(dims);
    layout.permute(shape, perm, x.buffer(), y.buffer());
    return Autograd.record(
        "permute(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.permute(dims, inverse, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
