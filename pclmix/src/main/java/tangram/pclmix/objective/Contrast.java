package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.MapOp;

/**
 * Pixel contrast against a memory of labelled unit vectors (InfoNCE, Oord et al. 2018; paper eq.
 * 8). With logits {@code l = v . queue / t} and {@code N = sum over negatives of e^l}, an anchor
 * costs the mean over its positives of {@code log(e^l + N) - l = softplus(log N - l)}.
 */
final class Contrast {
  private static final double[] NONE = {};
  private static final int[] ALL = {};
  private static final int[] SLOTS = {1};

  /** Class, slot, filled slots of the class: the class where the slot is in use, else -2. */
  private static final Formula KIND =
      Formula.of(3, x -> Expr.where(x[1].lt(x[2]), x[0], Expr.of(-2)));

  private static final Formula IF_EQUAL =
      Formula.of(3, x -> Expr.where(x[0].eq(x[1]), x[2], Expr.of(0)));

  /** Positives of an anchor, slots in use, class: the class of an anchor that takes part, or -1. */
  private static final Formula TAKES_PART =
      Formula.of(3, x -> Expr.where(x[0].gt(0).mul(x[0].lt(x[1])), x[2], Expr.of(-1)));

  /** Class of an anchor that takes part or -1, its positives, number of such anchors. */
  private static final Formula WEIGHT =
      Formula.of(3, x -> Expr.where(x[0].lt(0), Expr.of(0), x[1].mul(x[2]).reciprocal()));

  /** Logits, class of the anchor or -1, kind of the slot; 1 / t. */
  private static final Formula NEGATIVES =
      Formula.of(
          3,
          1,
          (x, p) ->
              Expr.where(
                  isNegative(x[1], x[2]), x[0].mul(p[0]), Expr.of(Double.NEGATIVE_INFINITY)));

  private static final Formula FINITE_OR_ZERO =
      Formula.of(x -> Expr.where(x.sub(x).eq(0), x, Expr.of(0)));

  /** As {@link #NEGATIVES}, and the largest of an anchor. */
  private static final Formula SHIFTED_EXP =
      Formula.of(
          4,
          1,
          (x, p) -> Expr.where(isNegative(x[1], x[2]), x[0].mul(p[0]).sub(x[3]).exp(), Expr.of(0)));

  private static final Formula SHIFTED_LOG = Formula.of((sum, shift) -> sum.log().add(shift));

  /** Logits, class of the anchor or -1, kind of the slot, log N, weight of the anchor; 1 / t. */
  private static final Formula COST =
      Formula.of(
          5,
          1,
          (x, p) ->
              Expr.where(x[1].eq(x[2]), softplus(x[3].sub(x[0].mul(p[0]))).mul(x[4]), Expr.of(0)));

  private Contrast() {}

  private static Expr isNegative(Expr own, Expr kind) {
    return Expr.of(0).le(own).mul(Expr.of(0).le(kind)).mul(kind.ne(own));
  }

  private static Expr softplus(Expr x) {
    return x.relu().add(x.abs().neg().exp().log1p());
  }

  /**
   * The mean over anchors of what each costs. Positives are the filled slots of the anchor's class,
   * negatives those of the other classes. Anchors of a class outside 0..classes-1, or without a
   * positive or a negative, are left out; without any anchor the loss is 0.
   *
   * @param anchors [A, dim]
   * @param anchorClass integers [A]
   * @param queue [classes, slots, dim], without gradient
   * @param filled integers [classes]: the first filled[c] slots of class c are in use
   * @return shape []
   */
  static Tensor infoNce(
      Tensor anchors, Tensor anchorClass, Tensor queue, Tensor filled, double temperature) {
    int classes = queue.dim(0);
    int slots = queue.dim(1);
    double[] scale = {1 / temperature};
    Tensor logits = LinearOp.linear(anchors, queue.reshape(classes * slots, queue.dim(2)), null);
    Tensor kind;
    Tensor own;
    Tensor weight;
    Tensor shift;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Device device = anchors.device();
      Tensor number = device.arange(classes, DType.F32);
      Tensor used = filled.to(DType.F32);
      Tensor place = device.arange(slots, DType.F32);
      kind =
          MapOp.map("kind", KIND, number.unsqueeze(1), place, used.unsqueeze(1))
              .reshape(classes * slots);
      Tensor label = anchorClass.to(DType.F32).unsqueeze(1);
      Tensor positives = FoldOp.sum("positives", IF_EQUAL, NONE, SLOTS, true, label, number, used);
      own = MapOp.map("takes_part", TAKES_PART, positives, used.sum(), label);
      Tensor count = own.ge(0).to(DType.F32).sum();
      weight = MapOp.map("weight", WEIGHT, own, positives, count);
      shift =
          MapOp.map("negatives", NEGATIVES, scale, logits, own, kind)
              .then(x -> x.max(SLOTS, true))
              .then(x -> MapOp.map("shift", FINITE_OR_ZERO, x));
    }
    Tensor sum = FoldOp.sum("exp", SHIFTED_EXP, scale, SLOTS, true, logits, own, kind, shift);
    Tensor log = sum.then(s -> MapOp.map("log", SHIFTED_LOG, s, shift));
    return FoldOp.sum("info_nce", COST, scale, ALL, false, logits, own, kind, log, weight);
  }
}
