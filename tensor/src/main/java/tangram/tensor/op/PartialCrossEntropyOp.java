package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Partial cross-entropy of scribble supervision on probabilities (paper eq. 3, read as
 * docs/method.md, step 5, does): the mean of {@code -log(q[label] + 1e-8)} over labelled pixels; 0
 * where no pixel is labelled. Adding a constant instead of clamping keeps the gradient alive at q =
 * 0.
 */
public final class PartialCrossEntropyOp {
  private static final double EPS = 1e-8;

  private PartialCrossEntropyOp() {}

  /**
   * Computes the loss.
   *
   * @param q probabilities [N, K, H, W]
   * @param labels integers [N, H, W]; values outside 0..K-1 are unlabelled
   * @return shape []
   */
  public static Tensor partialCrossEntropy(Tensor q, Tensor labels) {
    Checks.reals("partial_cross_entropy", q);
    Checks.integers("partial_cross_entropy (labels)", q, labels);
    Checks.rank("partial_cross_entropy", q, 4);
    Checks.notEmpty("partial_cross_entropy", q);
    int n = q.dim(0);
    int k = q.dim(1);
    int hw = q.dim(2) * q.dim(3);
    Checks.that(
        labels.size() == n * hw,
        () -> "partial_cross_entropy: labels " + labels.shape() + " for " + q.shape());
    var loss = q.device().kernels().loss();
    Tensor result = q.device().uninitialized(2);
    loss.partialCrossEntropy(n, k, hw, q.buffer(), labels.buffer(), EPS, result.buffer());
    return Autograd.record(
        "partial_cross_entropy(q, labels)",
        Checks.first(result),
        new Tensor[] {q},
        new Tensor[] {labels},
        new Tensor[] {q, result},
        gy -> {
          Tensor gq = Checks.like(q);
          loss.partialCrossEntropyBackward(
              n,
              k,
              hw,
              q.buffer(),
              labels.buffer(),
              EPS,
              result.buffer(),
              gy.buffer(),
              gq.buffer());
          return new Tensor[] {gq};
        });
  }
}
