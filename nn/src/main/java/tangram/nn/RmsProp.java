package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/**
 * RMSprop (Hinton, Neural networks for machine learning, lecture 6), PyTorch's {@code
 * torch.optim.RMSprop}: gradients are divided by the root of their mean square, or, centred, by
 * their deviation (Graves 2013).
 */
public final class RmsProp extends Optimizer {
  private static final double[] NONE = {};

  /** Velocity, gradient, mean square, mean, weight; momentum, eps, weight decay. */
  private static final Formula VELOCITY =
      Formula.of(5, 3, (x, p) -> x[0].mul(p[0]).add(update(x[1], x[2], x[3], x[4], p)));

  /** Weight, gradient, mean square, mean, learning rate; momentum, eps, weight decay. */
  private static final Formula MOVED_AT_ONCE =
      Formula.of(5, 3, (x, p) -> x[0].sub(x[4].mul(update(x[1], x[2], x[3], x[0], p))));

  private static Expr update(Expr gradient, Expr square, Expr mean, Expr weight, Expr[] p) {
    Expr deviation = square.sub(mean.square()).sqrt().add(p[1]);
    return gradient.add(p[2].mul(weight)).div(deviation);
  }

  private double alpha = 0.99;
  private double eps = 1e-8;
  private double weightDecay;
  private double momentum;
  private boolean centered;
  private Map<String, Tensor> squares;
  private Map<String, Tensor> means;
  private Map<String, Tensor> momenta;
  private Tensor zero;

  /**
   * Creates the optimiser with PyTorch's defaults: alpha 0.99, eps 1e-8, not centred, without
   * momentum and weight decay.
   *
   * @param parameters what to train, by name
   */
  public RmsProp(Map<String, Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /** Sets what stays of the means, 0 to below 1. */
  public RmsProp alpha(double value) {
    alpha = option("alpha", value, 1);
    return this;
  }

  /** Sets what is added to the root of the mean square. */
  public RmsProp eps(double value) {
    eps = option("eps", value);
    return this;
  }

  /** Sets the weight of the L2 penalty. */
  public RmsProp weightDecay(double value) {
    weightDecay = option("weightDecay", value);
    return this;
  }

  /** Sets the weight of past updates. */
  public RmsProp momentum(double value) {
    momentum = option("momentum", value);
    return this;
  }

  /** Sets whether the mean of gradients is subtracted from them in the mean square. */
  public RmsProp centered(boolean on) {
    option("centered", 0);
    centered = on;
    return this;
  }

  @Override
  void prepare() {
    squares = slots(".squareAvg", 0);
    means = centered ? slots(".gradAvg", 0) : null;
    momenta = momentum > 0 ? slots(".momentumBuffer", 0) : null;
    zero = scalar(0);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    double[] numbers = {alpha, weightDecay};
    Tensor s = squares.get(name);
    Tensor m = zero;
    into(s, SQUARE, numbers, s, gradient, p);
    if (centered) {
      m = means.get(name);
      into(m, MEAN, numbers, m, gradient, p);
    }
    double[] moved = {momentum, eps, weightDecay};
    if (momentum == 0) {
      into(p, MOVED_AT_ONCE, moved, p, gradient, s, m, learningRate);
      return;
    }
    Tensor v = momenta.get(name);
    into(v, VELOCITY, moved, v, gradient, s, m, p);
    into(p, MOVED, NONE, p, v, learningRate);
  }
}
