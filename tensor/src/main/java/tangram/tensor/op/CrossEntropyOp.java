package tangram.tensor.op;

import static tangram.tensor.op.CascadeOp.row;
import static tangram.tensor.op.CascadeOp.view;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * Cross-entropy of logits, and of logarithms of probabilities, as PyTorch's {@code cross_entropy}
 * and {@code nll_loss}: {@code -sum_c w_c t_c log(p_c)} for every sample, where t is the target's
 * distribution over the classes. One pass over the logits, and one for their gradient; nothing of
 * their size is kept.
 */
public final class CrossEntropyOp {
  /** What becomes of the losses of the samples. */
  public enum Reduction {
    /** They are the result. */
    NONE,
    /** Their sum by the summed weights of the targets that count, NaN if there are none. */
    MEAN,
    /** Their sum. */
    SUM
  }

  /** The index of samples that do not count, unless another is told. */
  public static final int IGNORED = -100;

  // Operands: what is scored, the target, the classes' numbers, the classes' weights.
  private static final int TARGET = 1;
  private static final int CLASS = 2;
  private static final int WEIGHT = 3;

  // Of a sample whose target is an index: its score and its weight there.
  private static final int SCORE = 4;
  private static final int SCORE_WEIGHT = 5;
  private static final int INPUTS = 6;

  // The call's numbers: label smoothing, number of classes, ignored index.
  private static final int SMOOTHING = 0;
  private static final int CLASSES = 1;
  private static final int IGNORE = 2;

  private record Options(boolean logits, boolean indices, boolean weights, boolean smooth) {
    /** Whether a sample's loss hangs on the score of one class, and on the sum over all. */
    boolean picks() {
      return indices && !smooth;
    }
  }

  /** A class that there is, number of classes. */
  private static final Formula SAFE =
      Formula.of(
          1, 1, (x, p) -> Expr.where(Expr.of(0).le(x[0]).mul(x[0].lt(p[0])), x[0], Expr.of(0)));

  private static final Map<Options, CrossEntropyOp> KNOWN = new ConcurrentHashMap<>();

  private static final Formula WRONG =
      Formula.of(
          1,
          2,
          (x, p) ->
              Expr.where(
                  x[0].eq(p[1]),
                  Expr.of(0),
                  Expr.where(x[0].lt(0), Expr.of(1), Expr.of(1).sub(x[0].lt(p[0])))));

  private static final Formula QUOTIENT = Formula.of((a, b) -> a.div(b));

  private static final double[] NONE = {};

  private final Options options;
  private final Cascade forward;
  private final Formula backward;
  private final Formula byTarget;

  private CrossEntropyOp(Options o) {
    options = o;
    forward = forward();
    backward = Formula.of(INPUTS + 3, 3, this::gradient);
    byTarget =
        Formula.of(
            INPUTS + 3,
            3,
            (x, p) ->
                x[INPUTS + 2]
                    .mul(weight(x))
                    .mul(p[SMOOTHING].sub(1))
                    .mul(o.logits ? x[0].sub(x[INPUTS]) : x[0]));
  }

  private Expr weight(Expr[] x) {
    return options.weights ? x[WEIGHT] : Expr.of(1);
  }

  /** Weight and target of a class. */
  private Expr weighted(Expr[] x, Expr[] p) {
    Expr target = options.indices ? x[CLASS].eq(x[TARGET]) : x[TARGET];
    if (options.logits) {
      Expr rest = p[SMOOTHING].div(p[CLASSES]);
      target = target.mul(p[SMOOTHING].rsub(1)).add(rest);
    }
    return options.weights ? target.mul(x[WEIGHT]) : target;
  }

  /**
   * Keeps the logarithm of the sum of exponentials (of logits), the sum of weighted targets, the
   * loss, and the weight of the sample in a mean.
   */
  private Cascade forward() {
    int max = INPUTS;
    int sum = INPUTS + 1;
    int total = INPUTS + 2;
    int loss = INPUTS + 3;
    int sample = INPUTS + 4;
    Cascade c = new Cascade(options.logits ? "cross_entropy" : "nll_loss", INPUTS, 0, 5, 3);
    if (options.logits) {
      c.fold(0, Reducer.MAX, (x, p) -> x[0]);
      c.fold(1, Reducer.SUM, (x, p) -> x[0].sub(x[max]).exp());
    }
    if (options.picks()) {
      picked(c, sum, max);
      return c.keep(1, 2, 3, 4);
    }
    c.fold(2, Reducer.SUM, this::weighted);
    c.fold(
        3,
        Reducer.SUM,
        (x, p) -> {
          Expr w = weighted(x, p);
          Expr score = options.logits ? x[max].sub(x[0]) : x[0].neg();
          // What an index does not choose does not count, even if it is impossible.
          return options.indices ? Expr.where(w.eq(0), Expr.of(0), w.mul(score)) : w.mul(score);
        });
    if (options.indices) {
      c.fold(4, Reducer.SUM, (x, p) -> x[CLASS].eq(x[TARGET]).mul(weight(x)));
    } else {
      c.row(4, (x, p) -> Expr.of(1));
    }
    if (options.logits) {
      c.row(1, (x, p) -> x[sum].log());
      c.row(
          3, (x, p) -> Expr.where(p[CLASSES].eq(0), Expr.of(0), x[loss].add(x[sum].mul(x[total]))));
      c.row(1, (x, p) -> x[sum].add(x[max]));
    }
    if (options.indices) {
      c.row(3, (x, p) -> counted(x, p, x[loss]));
      c.row(4, (x, p) -> counted(x, p, x[sample]));
    }
    return c.keep(1, 2, 3, 4);
  }

  /** As {@link #forward}, from the score and the weight of the class that is the target. */
  private void picked(Cascade c, int sum, int max) {
    if (options.logits) {
      c.row(1, (x, p) -> x[sum].log().add(x[max]));
    }
    c.row(2, (x, p) -> x[SCORE_WEIGHT]);
    c.row(
        3,
        (x, p) -> {
          Expr score = options.logits ? x[sum].sub(x[SCORE]) : x[SCORE].neg();
          return counted(x, p, x[SCORE_WEIGHT].mul(score));
        });
    c.row(4, (x, p) -> counted(x, p, x[SCORE_WEIGHT]));
  }

  /** NaN for an index that is no class, 0 for one to ignore. */
  private static Expr counted(Expr[] x, Expr[] p, Expr value) {
    Expr t = x[TARGET];
    Expr known = Expr.where(t.lt(0), Expr.of(Double.NaN), value);
    known = Expr.where(t.lt(p[CLASSES]), known, Expr.of(Double.NaN));
    return Expr.where(t.eq(p[IGNORE]), Expr.of(0), known);
  }

  /** The gradient by scores; operands then: log-sum, sum of weighted targets, gradient. */
  private Expr gradient(Expr[] x, Expr[] p) {
    Expr w = weighted(x, p);
    Expr g = options.logits ? x[0].sub(x[INPUTS]).exp().mul(x[INPUTS + 1]).sub(w) : w.neg();
    g = x[INPUTS + 2].mul(g);
    return options.indices ? counted(x, p, g) : g;
  }

  /**
   * Cross-entropy of logits.
   *
   * @param x logits [N, C, d1, ...] or [C]
   * @param target class indices [N, d1, ...] or [], or probabilities of the shape of x
   * @param weights of the classes [C], or null
   * @param ignored index of samples that do not count
   * @param smoothing how much of the target is spread over all classes, 0 to 1
   */
  public static Tensor crossEntropy(
      Tensor x, Tensor target, Tensor weights, int ignored, double smoothing, Reduction reduction) {
    Checks.that(
        smoothing >= 0 && smoothing <= 1,
        () -> "cross_entropy: label smoothing of " + smoothing + ", not of 0 to 1");
    return apply("cross_entropy", true, x, target, weights, ignored, smoothing, reduction);
  }

  /** Cross-entropy of logits, the mean of all samples. */
  public static Tensor crossEntropy(Tensor x, Tensor target) {
    return crossEntropy(x, target, null, IGNORED, 0, Reduction.MEAN);
  }

  /**
   * The negative logarithm of the probability of a class.
   *
   * @param x logarithms of probabilities [N, C, d1, ...] or [C]
   * @param target class indices [N, d1, ...] or []
   * @param weights of the classes [C], or null
   * @param ignored index of samples that do not count
   */
  public static Tensor nllLoss(
      Tensor x, Tensor target, Tensor weights, int ignored, Reduction reduction) {
    Checks.that(
        !target.type().isReal(), () -> "nll_loss: targets are class indices, not " + target.type());
    return apply("nll_loss", false, x, target, weights, ignored, 0, reduction);
  }

  private static Tensor apply(
      String name,
      boolean logits,
      Tensor x,
      Tensor target,
      Tensor weights,
      int ignored,
      double smoothing,
      Reduction reduction) {
    Checks.alike(name, x, weights);
    Checks.sameDevice(name, x, target);
    int rank = x.shape().rank();
    Checks.that(rank > 0, () -> name + " needs [C] or [N, C, ...], not a number");
    int axis = rank == 1 ? 0 : 1;
    int classes = x.dim(axis);
    boolean indices = !target.type().isReal();
    boolean[] folded = new boolean[rank];
    folded[axis] = true;
    Shape samples = FoldOp.shape(x.shape(), folded, false);
    Shape expected = indices ? samples : x.shape();
    Checks.that(
        target.shape().equals(expected) && target.type() != DType.BOOL,
        () ->
            name
                + ": targets "
                + target.type()
                + target.shape()
                + " for scores "
                + x.shape()
                + "; class indices "
                + samples
                + (logits ? " or probabilities " + x.shape() : "")
                + " would fit");
    Checks.that(
        indices || target.type() == x.type(),
        () -> name + ": types differ, " + x.type() + " and " + target.type());
    Checks.that(
        weights == null || weights.size() == classes,
        () -> name + ": weights " + weights.shape() + " for the classes of " + x.shape());
    if (indices) {
      requireClasses(name, target, classes, ignored);
    }
    int[] dims = x.shape().dims();
    int[] rows = FoldOp.shape(x.shape(), folded, true).dims();
    int[] along = new int[rank];
    Arrays.fill(along, 1);
    along[axis] = classes;
    CrossEntropyOp op =
        KNOWN.computeIfAbsent(
            new Options(logits, indices, weights != null, smoothing != 0), CrossEntropyOp::new);
    double[] numbers = {smoothing, classes, ignored};
    // In the type of the scores: then nothing is converted element by element.
    Tensor places = indices ? x.device().arange(classes, x.type()) : null;
    Tensor chosen = indices ? chosen(target, x.type()) : target;
    Tensor[] pick = {null, null};
    if (op.options.picks()) {
      pick = op.pick(x, target, weights, axis);
    }
    Tensor logSum = row(x, rows);
    Tensor total = row(x, rows);
    Tensor sample = x.device().uninitialized(x.type(), samples);
    Tensor loss = x.device().uninitialized(x.type(), samples);
    View[] inputs = {
      x.asView(),
      FoldOp.opened(chosen, x.shape(), indices ? folded : new boolean[rank]).expand(dims),
      CascadeOp.repeated(places, along, dims),
      CascadeOp.repeated(weights, along, dims),
      CascadeOp.repeated(pick[0], rows, dims),
      CascadeOp.repeated(pick[1], rows, dims)
    };
    CascadeOp.run(
        op.forward,
        numbers,
        x.device(),
        x.type(),
        rows,
        inputs,
        new View[0],
        view(logSum, rows),
        view(total, rows),
        view(loss, rows),
        view(sample, rows));
    for (Tensor t : pick) {
      if (t != null) {
        t.close();
      }
    }
    Tensor losses =
        Autograd.record(
            name + (indices ? "(x, weights)" : "(x, target, weights)"),
            loss,
            indices ? new Tensor[] {x} : new Tensor[] {x, target},
            new Tensor[] {weights},
            indices
                ? new Tensor[] {x, places, chosen, logSum, total}
                : new Tensor[] {x, target, logSum, total},
            gy -> {
              View[] operands = {
                x.asView(),
                FoldOp.opened(chosen, x.shape(), indices ? folded : new boolean[rank]).expand(dims),
                CascadeOp.repeated(places, along, dims),
                CascadeOp.repeated(weights, along, dims),
                null,
                null,
                view(logSum, rows).expand(dims),
                view(total, rows).expand(dims),
                FoldOp.opened(gy, x.shape(), folded).expand(dims)
              };
              boolean distributions = !indices && target.requiresGrad();
              Tensor gx = x.requiresGrad() ? op.map(op.backward, numbers, operands, x) : null;
              return indices
                  ? new Tensor[] {gx}
                  : new Tensor[] {
                    gx, distributions ? op.map(op.byTarget, numbers, operands, target) : null
                  };
            });
    return reduced(losses, sample, indices, reduction);
  }

  /** Each sample's score and weight of the class that is its target. */
  private Tensor[] pick(Tensor x, Tensor target, Tensor weights, int axis) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor safe = MapOp.map("class", SAFE, new double[] {x.dim(axis)}, target);
        Tensor places = safe.unsqueeze(axis)) {
      Tensor weight =
          weights == null
              ? x.device().full(1, x.type(), places.shape())
              : weights
                  .detach()
                  .reshape(-1)
                  .indexSelect(0, safe.reshape(-1))
                  .reshape(places.shape().dims());
      return new Tensor[] {x.detach().gather(axis, places), weight};
    }
  }

  private static Tensor chosen(Tensor target, DType type) {
    try (Autograd.Guard guard = Autograd.noGrad()) {
      return target.to(type);
    }
  }

  private Tensor map(Formula formula, double[] numbers, View[] operands, Tensor like) {
    Tensor g = Checks.like(like);
    View[] read = operands.clone();
    for (int i = 0; i < read.length; i++) {
      read[i] = formula.reads(i) ? read[i] : null;
    }
    like.device().kernels().maps().map(formula, numbers, read, g.asView());
    return g;
  }

  private static Tensor reduced(
      Tensor losses, Tensor sample, boolean indices, Reduction reduction) {
    if (reduction == Reduction.NONE) {
      sample.close();
      return losses;
    }
    Tensor sum = losses.then(l -> l.sum());
    if (reduction == Reduction.SUM) {
      sample.close();
      return sum;
    }
    return sum.then(s -> mean(s, sample.then(w -> w.sum())));
  }

  private static Tensor mean(Tensor sum, Tensor weight) {
    Tensor y = Checks.like(sum);
    Maps maps = sum.device().kernels().maps();
    maps.map(QUOTIENT, NONE, new View[] {sum.asView(), weight.asView()}, y.asView());
    return Autograd.record(
        "cross_entropy_mean(sum)",
        y,
        new Tensor[] {sum},
        new Tensor[] {weight},
        gy -> {
          Tensor g = Checks.like(gy);
          maps.map(QUOTIENT, NONE, new View[] {gy.asView(), weight.asView()}, g.asView());
          return new Tensor[] {g};
        });
  }

  /** On a CPU; elsewhere looking would stop the device, and the loss becomes NaN. */
  private static void requireClasses(String name, Tensor target, int classes, int ignored) {
    if (!target.buffer().storage().getClass().isArray()) {
      return;
    }
    try (Tensor wrong = MapOp.test("class", WRONG, new double[] {classes, ignored}, target)) {
      try (Tensor any = FoldOp.test(wrong, false, new int[0], false)) {
        Checks.that(
            !any.toBooleans()[0],
            () ->
                name
                    + ": a target is neither one of the classes 0 to "
                    + (classes - 1)
                    + " nor the ignored "
                    + ignored);
      }
    }
  }
}
