package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.MapOp;

/**
 * Confirmed pseudo labels (paper eq. 5-7): the scribble's class where there is one, -1 where the
 * entropy {@code u = -sum_k q log(q + 1e-6)} is at least the threshold, else the most probable
 * class. Without derivative.
 *
 * @param uncertainty entropy [N, H, W]
 * @param labels integers [N, H, W]: -1 or a class
 */
public record PseudoLabels(Tensor uncertainty, Tensor labels) {
  private static final double EPS = 1e-6;

  private static final Formula ENTROPY = Formula.of(q -> q.mul(q.add(EPS).log()).neg());

  /** Scribble, entropy, threshold, most probable class; number of classes. */
  private static final Formula CONFIRMED =
      Formula.of(
          4,
          1,
          (x, p) ->
              Expr.where(
                  Expr.of(0).le(x[0]).mul(x[0].lt(p[0])),
                  x[0],
                  Expr.where(x[2].le(x[1]), Expr.of(-1), x[3])));

  /**
   * Confirms labels.
   *
   * @param q probabilities [N, K, H, W]
   * @param scribbles integers [N, H, W]; values outside 0..K-1 are unlabelled
   * @param threshold one element
   */
  public static PseudoLabels confirm(Tensor q, Tensor scribbles, Tensor threshold) {
    try (Autograd.Guard guard = Autograd.noGrad()) {
      double[] classes = {q.dim(1)};
      Tensor entropy = FoldOp.sum("entropy", ENTROPY, new double[0], new int[] {1}, false, q);
      Tensor labels =
          q.argmax(1)
              .then(
                  best ->
                      MapOp.map("confirm", CONFIRMED, classes, scribbles, entropy, threshold, best))
              .then(confirmed -> confirmed.to(DType.I32));
      return new PseudoLabels(entropy, labels);
    }
  }
}
