package tangram.nn;

import static tangram.nn.LossFormulas.BCE;
import static tangram.nn.LossFormulas.BCE_GRADIENT;
import static tangram.nn.LossFormulas.BCE_POSITIVE_WEIGHT;
import static tangram.nn.LossFormulas.BCE_WITH_LOGITS;
import static tangram.nn.LossFormulas.COSINE_EMBEDDING;
import static tangram.nn.LossFormulas.DICE;
import static tangram.nn.LossFormulas.DISTANCE;
import static tangram.nn.LossFormulas.DISTANCE_2;
import static tangram.nn.LossFormulas.FOCAL;
import static tangram.nn.LossFormulas.GAUSSIAN_NLL;
import static tangram.nn.LossFormulas.HINGE_EMBEDDING;
import static tangram.nn.LossFormulas.HUBER;
import static tangram.nn.LossFormulas.KL;
import static tangram.nn.LossFormulas.KL_OF_LOGARITHMS;
import static tangram.nn.LossFormulas.L1;
import static tangram.nn.LossFormulas.LEAST;
import static tangram.nn.LossFormulas.MARGIN_RANKING;
import static tangram.nn.LossFormulas.MSE;
import static tangram.nn.LossFormulas.MUL_EPS;
import static tangram.nn.LossFormulas.POISSON_NLL_OF_LOGARITHMS;
import static tangram.nn.LossFormulas.POISSON_NLL_OF_RATES;
import static tangram.nn.LossFormulas.PRODUCT;
import static tangram.nn.LossFormulas.SMOOTH_L1;
import static tangram.nn.LossFormulas.SOFT_MARGIN;
import static tangram.nn.LossFormulas.SQUARE;
import static tangram.nn.LossFormulas.STIRLING;
import static tangram.nn.LossFormulas.SUM;
import static tangram.nn.LossFormulas.TRIPLET;

import tangram.tensor.Autograd;
import tangram.tensor.Fused;
import tangram.tensor.Tensor;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.CrossEntropyOp.Reduction;
import tangram.tensor.op.NormalizeOp;

/**
 * Losses, with the meaning of {@code torch.nn.functional}. What is compared has one shape; without
 * a {@link Reduction} the mean of all elements is taken. A loss is one formula, whose mean or sum
 * is taken in the same pass.
 */
public final class Loss {
  private static final double[] NONE = {};
  private static final int[] ALL = {};
  private static final int[] LAST = {-1};

  private Loss() {}

  private static Tensor reduce(Reduction reduction, Fused formula, double[] numbers, Tensor... x) {
    if (reduction == Reduction.NONE) {
      return formula.apply(numbers, x);
    }
    Tensor sum = formula.sum(numbers, ALL, false, x);
    return reduction == Reduction.SUM ? sum : sum.then(s -> s.div((double) x[0].size()));
  }

  private static Tensor reduce(Reduction reduction, Tensor losses) {
    return switch (reduction) {
      case NONE -> losses;
      case SUM -> losses.then(t -> t.sum());
      case MEAN -> losses.then(t -> t.mean());
    };
  }

  private static void alike(String name, Tensor x, Tensor... others) {
    for (Tensor t : others) {
      if (!t.shape().equals(x.shape())) {
        throw new IllegalArgumentException(
            "%s: shapes %s and %s differ; expand() one of them if it is meant to be repeated"
                .formatted(name, x.shape(), t.shape()));
      }
    }
  }

  /** The mean cross-entropy of logits; see the other. */
  public static Tensor crossEntropy(Tensor logits, Tensor target) {
    return CrossEntropyOp.crossEntropy(logits, target);
  }

  /**
   * Cross-entropy of logits.
   *
   * @param logits [N, C, d1, ...] or [C]
   * @param target class indices [N, d1, ...] or [], or probabilities of the shape of the logits
   * @param options weights of classes, the index to ignore, label smoothing, reduction
   */
  public static Tensor crossEntropy(Tensor logits, Tensor target, ClassOptions options) {
    return CrossEntropyOp.crossEntropy(
        logits,
        target,
        options.weight(),
        options.ignoreIndex(),
        options.labelSmoothing(),
        options.reduction());
  }

  /**
   * The negative logarithm of the probability of a class.
   *
   * @param logProbabilities [N, C, d1, ...] or [C]
   * @param target class indices [N, d1, ...] or []
   */
  public static Tensor nll(Tensor logProbabilities, Tensor target, ClassOptions options) {
    if (options.labelSmoothing() != 0) {
      throw new IllegalArgumentException("nll has no label smoothing; use crossEntropy");
    }
    return CrossEntropyOp.nllLoss(
        logProbabilities, target, options.weight(), options.ignoreIndex(), options.reduction());
  }

  /** {@code (x - t)^2}. */
  public static Tensor mse(Tensor x, Tensor target) {
    return mse(x, target, Reduction.MEAN);
  }

  /** {@code (x - t)^2}. */
  public static Tensor mse(Tensor x, Tensor target, Reduction reduction) {
    alike("mse", x, target);
    return reduce(reduction, MSE, NONE, x, target);
  }

  /** {@code |x - t|}. */
  public static Tensor l1(Tensor x, Tensor target) {
    return l1(x, target, Reduction.MEAN);
  }

  /** {@code |x - t|}. */
  public static Tensor l1(Tensor x, Tensor target, Reduction reduction) {
    alike("l1", x, target);
    return reduce(reduction, L1, NONE, x, target);
  }

  /** {@code d^2 / (2 beta)} for {@code d = |x - t| < beta}, else {@code d - beta / 2}. */
  public static Tensor smoothL1(Tensor x, Tensor target, double beta, Reduction reduction) {
    alike("smoothL1", x, target);
    if (!(beta >= 0)) {
      throw new IllegalArgumentException("smoothL1: beta is 0 or more, not " + beta);
    }
    return beta == 0
        ? l1(x, target, reduction)
        : reduce(reduction, SMOOTH_L1, new double[] {beta}, x, target);
  }

  /** {@code d^2 / 2} for {@code d = |x - t| <= delta}, else {@code delta (d - delta / 2)}. */
  public static Tensor huber(Tensor x, Tensor target, double delta, Reduction reduction) {
    alike("huber", x, target);
    if (!(delta > 0)) {
      throw new IllegalArgumentException("huber: delta is positive, not " + delta);
    }
    return reduce(reduction, HUBER, new double[] {delta}, x, target);
  }

  /** Binary cross-entropy of probabilities, the mean; see the other. */
  public static Tensor bce(Tensor probabilities, Tensor target) {
    return bce(probabilities, target, null, Reduction.MEAN);
  }

  /**
   * Binary cross-entropy of probabilities, {@code -(t log x + (1 - t) log(1 - x))}; logarithms are
   * at least -100. Logits are better given to {@link #bceWithLogits}. The target has no gradient.
   *
   * @param weight of the elements, broadcast, or null
   */
  public static Tensor bce(
      Tensor probabilities, Tensor target, Tensor weight, Reduction reduction) {
    alike("bce", probabilities, target);
    if (target.requiresGrad()) {
      throw new IllegalArgumentException("bce has no gradient by the target; detach() it");
    }
    Tensor losses;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      losses = BCE.apply(probabilities, target);
    }
    Autograd.record(
        "bce(probabilities, target)",
        losses,
        new Tensor[] {probabilities},
        new Tensor[] {target},
        new Tensor[] {probabilities},
        gy -> new Tensor[] {BCE_GRADIENT.apply(probabilities, target, gy)});
    return reduce(reduction, weighted(losses, weight));
  }

  /** Binary cross-entropy of logits, the mean; see the other. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target) {
    return bceWithLogits(logits, target, null, null, Reduction.MEAN);
  }

  /**
   * Binary cross-entropy of logits.
   *
   * @param weight of the elements, broadcast, or null
   * @param posWeight factor of the term of the positive class, broadcast, or null
   */
  public static Tensor bceWithLogits(
      Tensor logits, Tensor target, Tensor weight, Tensor posWeight, Reduction reduction) {
    alike("bceWithLogits", logits, target);
    if (weight == null && posWeight == null) {
      return reduce(reduction, BCE_WITH_LOGITS, NONE, logits, target);
    }
    Tensor losses =
        posWeight == null
            ? BCE_WITH_LOGITS.apply(logits, target)
            : BCE_POSITIVE_WEIGHT.apply(logits, target, posWeight);
    alike("bceWithLogits", logits, losses);
    return reduce(reduction, weighted(losses, weight));
  }

  private static Tensor weighted(Tensor losses, Tensor weight) {
    if (weight == null) {
      return losses;
    }
    Tensor product = losses.mul(weight);
    alike("weights", losses, product);
    return product;
  }

  /**
   * Binary cross-entropy of logits times {@code (1 - p)^gamma} of the probability p of the right
   * class (Lin et al. 2017), as torchvision has it.
   *
   * @param alpha weight of the positive class, 1 - alpha that of the other; negative for none
   */
  public static Tensor focal(
      Tensor logits, Tensor target, double alpha, double gamma, Reduction reduction) {
    alike("focal", logits, target);
    return reduce(reduction, FOCAL, new double[] {alpha, gamma}, logits, target);
  }

  /**
   * One minus the soft Dice coefficient, {@code (2 sum x t + s) / (sum x + sum t + s)}, of every
   * sample and channel (Milletari et al. 2016, as MONAI has it).
   *
   * @param probabilities [N, C, ...]
   * @param target of that shape
   * @param smooth s, which keeps empty channels from dividing by 0
   * @param reduction of the losses [N, C]
   */
  public static Tensor dice(
      Tensor probabilities, Tensor target, double smooth, Reduction reduction) {
    alike("dice", probabilities, target);
    int rank = probabilities.shape().rank();
    if (rank < 3) {
      throw new IllegalArgumentException("dice of [N, C, ...], not " + probabilities.shape());
    }
    int[] axes = new int[rank - 2];
    for (int d = 0; d < axes.length; d++) {
      axes[d] = d + 2;
    }
    Tensor both = PRODUCT.sum(axes, false, probabilities, target);
    Tensor sum = SUM.sum(axes, false, probabilities, target);
    return reduce(reduction, DICE.apply(new double[] {smooth}, both, sum));
  }

  /**
   * The divergence of Kullback and Leibler, {@code t (log t - x)}.
   *
   * @param x logarithms of probabilities
   * @param target probabilities, or their logarithms
   * @param logTarget which of both
   * @param reduction the mean is that of all elements, as PyTorch's is; the divergence of a
   *     distribution is {@code SUM} divided by the number of samples
   */
  public static Tensor klDiv(Tensor x, Tensor target, boolean logTarget, Reduction reduction) {
    alike("klDiv", x, target);
    return reduce(reduction, logTarget ? KL_OF_LOGARITHMS : KL, NONE, x, target);
  }

  /** {@code log(1 + exp(-t x))} for targets 1 and -1. */
  public static Tensor softMargin(Tensor x, Tensor target, Reduction reduction) {
    alike("softMargin", x, target);
    return reduce(reduction, SOFT_MARGIN, NONE, x, target);
  }

  /** x for a target of 1, {@code max(0, margin - x)} for -1. */
  public static Tensor hingeEmbedding(Tensor x, Tensor target, double margin, Reduction reduction) {
    alike("hingeEmbedding", x, target);
    return reduce(reduction, HINGE_EMBEDDING, new double[] {margin}, x, target);
  }

  /** {@code max(0, -t (a - b) + margin)}: with t = 1, a should be larger than b. */
  public static Tensor marginRanking(
      Tensor a, Tensor b, Tensor target, double margin, Reduction reduction) {
    alike("marginRanking", a, b, target);
    return reduce(reduction, MARGIN_RANKING, new double[] {margin}, a, b, target);
  }

  /** The cosine of the angle of vectors along a dimension; see PyTorch's cosine_similarity. */
  public static Tensor cosineSimilarity(Tensor a, Tensor b, int axis, double eps) {
    return NormalizeOp.cosineSimilarity(a, b, axis, eps);
  }

  /**
   * One minus the cosine for a target of 1, {@code max(0, cosine - margin)} for -1.
   *
   * @param a [N, D] or [D]
   * @param target [N] or []
   */
  public static Tensor cosineEmbedding(
      Tensor a, Tensor b, Tensor target, double margin, Reduction reduction) {
    alike("cosineEmbedding", a, b);
    double eps = 1e-12;
    Tensor squares =
        MUL_EPS.apply(new double[] {eps}, SQUARE.sum(LAST, false, a), SQUARE.sum(LAST, false, b));
    Tensor cosine = PRODUCT.sum(LAST, false, a, b).mul(squares.rsqrt());
    alike("cosineEmbedding", cosine, target);
    return reduce(reduction, COSINE_EMBEDDING, new double[] {margin}, cosine, target);
  }

  /**
   * {@code max(0, d(a, p) - d(a, n) + margin)}: anchors should be nearer to positive vectors than
   * to negative ones (Balntas et al. 2016).
   *
   * @param anchor [N, D] or [D]
   * @param p of the norm of differences
   * @param swap whether the distance of positive and negative counts where it is the smaller
   */
  public static Tensor tripletMargin(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      double margin,
      double p,
      boolean swap,
      Reduction reduction) {
    alike("tripletMargin", anchor, positive, negative);
    Tensor near = distance(anchor, positive, p);
    Tensor far = distance(anchor, negative, p);
    if (swap) {
      far = far.minimum(distance(positive, negative, p));
    }
    return reduce(reduction, TRIPLET, new double[] {margin}, near, far);
  }

  /** The p-norm of {@code a - b + 1e-6} along the last dimension. */
  private static Tensor distance(Tensor a, Tensor b, double p) {
    double eps = 1e-6;
    if (p == 2) {
      return DISTANCE_2.sum(new double[] {eps}, LAST, false, a, b).sqrt();
    }
    return DISTANCE.sum(new double[] {eps, p}, LAST, false, a, b).pow(1 / p);
  }

  /**
   * {@code (log v + (x - t)^2 / v) / 2} of a normal distribution of mean x and variance v.
   *
   * @param variance of the shape of x, or with a last dimension of size 1, or without it; what is
   *     less than eps counts as eps
   * @param full whether the constant {@code log(2 pi) / 2} is added
   */
  public static Tensor gaussianNll(
      Tensor x, Tensor target, Tensor variance, boolean full, double eps, Reduction reduction) {
    alike("gaussianNll", x, target);
    Tensor v = variance;
    if (v.shape().rank() == x.shape().rank() - 1) {
      v = v.unsqueeze(-1);
    }
    v = LEAST.apply(new double[] {eps}, v, v.detach()).expand(x.shape().dims());
    double constant = full ? 0.5 * Math.log(2 * Math.PI) : 0;
    return reduce(reduction, GAUSSIAN_NLL, new double[] {constant}, x, target, v);
  }

  /**
   * {@code exp(x) - t x}, or {@code x - t log(x + eps)} where x is no logarithm: the negative
   * logarithm of a Poisson distribution.
   *
   * @param full whether Stirling's approximation of {@code log(t!)} is added
   */
  public static Tensor poissonNll(
      Tensor x, Tensor target, boolean logInput, boolean full, double eps, Reduction reduction) {
    alike("poissonNll", x, target);
    Fused formula = logInput ? POISSON_NLL_OF_LOGARITHMS : POISSON_NLL_OF_RATES;
    double[] numbers = logInput ? NONE : new double[] {eps};
    if (!full) {
      return reduce(reduction, formula, numbers, x, target);
    }
    return reduce(reduction, formula.apply(numbers, x, target).add(STIRLING.apply(target)));
  }
}
