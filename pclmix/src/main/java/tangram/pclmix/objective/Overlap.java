package tangram.pclmix.objective;

import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;

/**
 * Losses by the overlap of probabilities [N, K, H, W] with hard labels [N, H, W], sums over the
 * whole batch, each of shape []. What is no class among the labels is left out.
 */
public final class Overlap {
  private static final double SMOOTH = 1e-5;
  private static final double LEAST = 1e-12;
  private static final double[] NONE = {};

  /** All but the classes. */
  private static final int[] PIXELS = {0, 2, 3};

  /** p, label, class, number of classes: p^2 and 1 where the label is that class. */
  private static final Formula SQUARES =
      Formula.of(3, 1, (x, k) -> known(x[1], k[0]).mul(x[0].square().add(is(x[1], x[2]))));

  /** p where the label is that class. */
  private static final Formula COMMON =
      Formula.of(3, x -> Expr.where(x[1].eq(x[2]), x[0], Expr.of(0)));

  private static final Formula SUMS =
      Formula.of(3, 1, (x, k) -> known(x[1], k[0]).mul(x[0].add(is(x[1], x[2]))));

  /** |p - 1|^1.5 or p^1.5. */
  private static final Formula DISTANCES =
      Formula.of(3, 1, (x, k) -> known(x[1], k[0]).mul(robust(x[0].sub(is(x[1], x[2])).abs())));

  private Overlap() {}

  private static Expr known(Expr label, Expr classes) {
    return Expr.where(Expr.of(0).le(label).mul(label.lt(classes)), Expr.of(1), Expr.of(0));
  }

  /** d^1.5 by a root, which is much faster than a power. */
  private static Expr robust(Expr d) {
    // The root's derivative at 0 is infinite.
    return d.mul(d.maximum(Expr.of(LEAST)).sqrt());
  }

  private static Expr is(Expr label, Expr each) {
    return Expr.where(label.eq(each), Expr.of(1), Expr.of(0));
  }

  /**
   * Dice: {@code 1 / K sum_c [1 - (2 A_c + 1e-5) / Z_c]} with {@code A_c = sum p_c [label = c]} and
   * {@code Z_c = sum p_c^2 + sum [label = c] + 1e-5} (WSL4MIS). Background is one of the classes.
   */
  public static Tensor dice(Tensor p, Tensor labels) {
    Tensor label = labels.to(p.type()).unsqueeze(1);
    Tensor each = classes(p);
    double[] k = {p.dim(1)};
    Tensor common = FoldOp.sum("dice_common", COMMON, NONE, PIXELS, false, p, label, each);
    Tensor squares = FoldOp.sum("dice_squares", SQUARES, k, PIXELS, false, p, label, each);
    return common.mul(2).add(SMOOTH).div(squares.add(SMOOTH)).rsub(1).mean();
  }

  /**
   * Noise-robust Dice: {@code 1 / K sum_c sum |p_c - [label = c]|^1.5 / (sum (p_c + [label = c]) +
   * 1e-5)} (Wang et al. 2020, COPLE-Net).
   */
  public static Tensor noiseRobustDice(Tensor p, Tensor labels) {
    Tensor label = labels.to(p.type()).unsqueeze(1);
    Tensor each = classes(p);
    double[] k = {p.dim(1)};
    Tensor distances = FoldOp.sum("distances", DISTANCES, k, PIXELS, false, p, label, each);
    Tensor sums = FoldOp.sum("sums", SUMS, k, PIXELS, false, p, label, each);
    return distances.div(sums.add(SMOOTH)).mean();
  }

  /** 0, 1, ... [K, 1, 1]. */
  private static Tensor classes(Tensor p) {
    return p.device().arange(p.dim(1), p.type()).reshape(p.dim(1), 1, 1);
  }
}
