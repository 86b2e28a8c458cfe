package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.Tensor;

/**
 * Confirmed pseudo labels (paper eq. 5-7): the scribble's class where there is one, -1 where the
 * entropy {@code u = -sum_k q log(q + 1e-6)} is at least the threshold, else the most probable
 * class. Not differentiable.
 */
public final class ConfirmLabelsOp {
  private static final double EPS = 1e-6;

  private ConfirmLabelsOp() {}

  /**
   * Uncertainty and labels of a batch.
   *
   * @param uncertainty entropy [N, H, W]
   * @param labels integers [N, H, W]: -1 or a class
   */
  public record Confirmed(Tensor uncertainty, Tensor labels) {}

  /**
   * Confirms labels.
   *
   * @param q probabilities [N, K, H, W]
   * @param scribbles integers [N, H, W]; values outside 0..K-1 are unlabelled
   * @param threshold one element
   */
  public static Confirmed confirmLabels(Tensor q, Tensor scribbles, Tensor threshold) {
    Checks.reals("confirm_labels", q, threshold);
    Checks.integers("confirm_labels (scribbles)", q, scribbles);
    Checks.rank("confirm_labels", q, 4);
    Checks.notEmpty("confirm_labels", q);
    int n = q.dim(0);
    int h = q.dim(2);
    int w = q.dim(3);
    Checks.that(
        scribbles.size() == n * h * w,
        () -> "confirm_labels: scribbles " + scribbles.shape() + " for " + q.shape());
    Checks.that(threshold.size() == 1, () -> "confirm_labels: a threshold of " + threshold.shape());
    Tensor uncertainty = q.device().uninitialized(n, h, w);
    Tensor labels = q.device().uninitializedInts(n, h, w);
    q.device()
        .kernels()
        .loss()
        .confirmLabels(
            n,
            q.dim(1),
            h * w,
            q.buffer(),
            scribbles.buffer(),
            threshold.buffer(),
            EPS,
            uncertainty.buffer(),
            labels.buffer());
    Reference.reachabilityFence(q);
    Reference.reachabilityFence(scribbles);
    Reference.reachabilityFence(threshold);
    return new Confirmed(uncertainty, labels);
  }
}
