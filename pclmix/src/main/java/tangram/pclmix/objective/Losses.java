package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;

/** The losses on class probabilities [N, K, H, W], each of shape []. */
public final class Losses {
  private static final double LOG_EPS = 1e-8;

  /** The smallest norm that vectors are divided by. */
  private static final double NORM_EPS = 1e-8;

  private static final double[] NONE = {};
  private static final int[] ALL = {};
  private static final int[] CLASSES = {1};
  private static final int[] BUT_CLASSES = {0, 2, 3};

  /** q, label, class. */
  private static final Formula CROSS_ENTROPY =
      Formula.of(3, x -> Expr.where(x[1].eq(x[2]), x[0].add(LOG_EPS).log().neg(), Expr.of(0)));

  private static final Formula IS_CLASS =
      Formula.of(1, 1, (x, p) -> Expr.of(0).le(x[0]).mul(x[0].lt(p[0])));

  private static final Formula IS_EQUAL = Formula.of((a, b) -> a.eq(b));

  /** p, absent. In single precision 1 + 1e-8 is 1, and a probability may be a little above 1. */
  private static final Formula ABSENCE =
      Formula.of(
          (p, absent) ->
              Expr.where(
                  absent.ne(Expr.of(0)),
                  Expr.of(1).sub(p).maximum(Expr.of(0)).add(LOG_EPS).log().neg(),
                  Expr.of(0)));

  private static final Formula SQUARED_DIFFERENCE = Formula.of((a, b) -> a.sub(b).square());
  private static final Formula PRODUCT = Formula.of((a, b) -> a.mul(b));
  private static final Formula SQUARE = Formula.of(x -> x.square());

  /** p . q, p . p, q . q. */
  private static final Formula NEGATIVE_COSINE =
      Formula.of(3, x -> x[0].div(norm(x[1]).mul(norm(x[2]))).neg());

  private Losses() {}

  private static Expr norm(Expr square) {
    // Before the root, whose derivative at 0 is infinite.
    return square.maximum(Expr.of(NORM_EPS * NORM_EPS)).sqrt();
  }

  /**
   * Partial cross-entropy of scribble supervision (paper eq. 3, read as docs/method.md, step 5,
   * does): the mean of {@code -log(q[label] + 1e-8)} over labelled pixels; 0 where no pixel is
   * labelled. Adding a constant instead of clamping keeps the gradient alive at q = 0.
   *
   * @param q probabilities [N, K, H, W]
   * @param labels [N, H, W], whole numbers; what is outside 0..K-1 is unlabelled
   */
  public static Tensor partialCrossEntropy(Tensor q, Tensor labels) {
    int classes = q.dim(1);
    Tensor label = labels.to(q.type()).unsqueeze(1);
    Tensor each = q.device().arange(classes, q.type()).reshape(classes, 1, 1);
    double[] most = {classes};
    Tensor count =
        FoldOp.sum("labelled", IS_CLASS, most, ALL, false, label).then(n -> n.maximum(1));
    return FoldOp.sum("partial_cross_entropy", CROSS_ENTROPY, NONE, ALL, false, q, label, each)
        .then(sum -> sum.div(count));
  }

  /**
   * Partial cross-entropy in which every class weighs the same: the mean over the classes that are
   * labelled of the mean over their pixels of {@code -log(q[label] + 1e-8)}; 0 where none is.
   *
   * @param q probabilities [N, K, H, W]
   * @param labels [N, H, W], whole numbers; what is outside 0..K-1 is unlabelled
   */
  public static Tensor balancedCrossEntropy(Tensor q, Tensor labels) {
    int classes = q.dim(1);
    Tensor label = labels.to(q.type()).unsqueeze(1);
    Tensor each = q.device().arange(classes, q.type()).reshape(classes, 1, 1);
    Tensor count = FoldOp.sum("of_class", IS_EQUAL, NONE, BUT_CLASSES, false, label, each);
    Tensor sum =
        FoldOp.sum(
            "balanced_cross_entropy", CROSS_ENTROPY, NONE, BUT_CLASSES, false, q, label, each);
    return sum.div(count.maximum(1)).sum().div(count.gt(0).to(q.type()).sum().maximum(1));
  }

  /**
   * Loss on classes that are not there: the mean of {@code -log(1 - p + 1e-8)} over the pixels and
   * classes that are marked; 0 where none is.
   *
   * @param p probabilities [N, K, H, W]
   * @param absent 1 where a class is not there, else 0; a shape that is broadcast to that of p
   */
  public static Tensor absence(Tensor p, Tensor absent) {
    double repeated = (double) p.size() / absent.size();
    Tensor count = absent.sum().then(n -> n.mul(repeated).maximum(1));
    return FoldOp.sum("absence", ABSENCE, NONE, ALL, false, p, absent).then(sum -> sum.div(count));
  }

  /** Heterogeneous consistency (paper eq. 9): the mean squared difference of two tensors. */
  public static Tensor meanSquaredDifference(Tensor a, Tensor b) {
    return FoldOp.sum("mean_squared_difference", SQUARED_DIFFERENCE, NONE, ALL, false, a, b)
        .then(sum -> sum.div((double) a.size()));
  }

  /**
   * Mixed consistency (paper eq. 12): the mean over pixels of minus the cosine similarity of two
   * probability vectors, each norm at least 1e-8.
   *
   * @param target probabilities [N, K, H, W], detached
   * @param q probabilities [N, K, H, W]
   */
  public static Tensor negativeCosine(Tensor target, Tensor q) {
    if (Autograd.isNeeded(target)) {
      throw new IllegalArgumentException(
          "the target of the negative cosine carries no gradient: detach it first");
    }
    Tensor dot = FoldOp.sum("dot", PRODUCT, NONE, CLASSES, false, target, q);
    Tensor targets = FoldOp.sum("square", SQUARE, NONE, CLASSES, false, target);
    Tensor squares = FoldOp.sum("square", SQUARE, NONE, CLASSES, false, q);
    double pixels = dot.size();
    Tensor sum =
        FoldOp.sum("negative_cosine", NEGATIVE_COSINE, NONE, ALL, false, dot, targets, squares);
    return sum.then(s -> s.div(pixels));
  }
}
