package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Mixed consistency (paper eq. 12): the mean over pixels of minus the cosine similarity of two
 * probability vectors. The target carries no gradient.
 */
public final class NegativeCosineOp {
  private static final double EPS = 1e-8;

  private NegativeCosineOp() {}

  /**
   * Computes the loss.
   *
   * @param target probabilities [N, K, H, W], detached
   * @param q probabilities [N, K, H, W]
   * @return shape []
   */
  public static Tensor negativeCosine(Tensor target, Tensor q) {
    Checks.reals("negative_cosine", target, q);
    Checks.sameShape("negative_cosine", target, q);
    Checks.rank("negative_cosine", q, 4);
    Checks.notRecorded("the target of negative_cosine", target);
    Checks.notEmpty("negative_cosine", q);
    int n = q.dim(0);
    int k = q.dim(1);
    int hw = q.dim(2) * q.dim(3);
    var loss = q.device().kernels().loss();
    Tensor y = q.device().uninitialized();
    loss.negativeCosine(n, k, hw, target.buffer(), q.buffer(), EPS, y.buffer());
    return Autograd.record(
        "negative_cosine(q, target)",
        y,
        new Tensor[] {q},
        new Tensor[] {target},
        new Tensor[] {q},
        gy -> {
          Tensor gq = Checks.like(q);
          loss.negativeCosineBackward(
              n, k, hw, target.buffer(), q.buffer(), EPS, gy.buffer(), gq.buffer());
          return new Tensor[] {gq};
        });
  }
}
