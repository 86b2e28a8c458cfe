package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/**
 * Adam (Kingma and Ba 2015), PyTorch's {@code torch.optim.Adam}; {@link AdamW} decays weights apart
 * from the gradient.
 */
public sealed class Adam extends Optimizer permits AdamW {
  /**
   * Weight, mean, mean square, learning rate, {@code 1 - beta1^t}, {@code sqrt(1 - beta2^t)};
   * epsilon, decoupled weight decay.
   */
  private static final Formula WEIGHT =
      Formula.of(
          6,
          2,
          (x, p) -> {
            Expr denominator = x[2].sqrt().div(x[5]).add(p[0]);
            Expr decayed = x[0].sub(x[3].mul(p[1]).mul(x[0]));
            return decayed.sub(x[3].div(x[4]).mul(x[1]).div(denominator));
          });

  private final boolean decoupled;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double eps = 1e-8;
  private double weightDecay;
  private double[] meanNumbers;
  private double[] squareNumbers;
  private double[] weightNumbers;
  private Map<String, Tensor> means;
  private Map<String, Tensor> squares;
  private StepCount count;
  private Tensor meanCorrection;
  private Tensor squareCorrection;

  /**
   * Creates the optimiser with PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no weight decay.
   *
   * @param parameters what to train, by name
   */
  public Adam(Map<String, Tensor> parameters, double learningRate) {
    this(parameters, learningRate, false, 0);
  }

  Adam(Map<String, Tensor> parameters, double learningRate, boolean decoupled, double weightDecay) {
    super(parameters, learningRate);
    this.decoupled = decoupled;
    this.weightDecay = weightDecay;
  }

  /** Sets what stays of the means of gradients and of their squares, 0 to below 1. */
  public Adam betas(double ofMean, double ofSquare) {
    beta1 = option("the first beta", ofMean, 1);
    beta2 = option("the second beta", ofSquare, 1);
    return this;
  }

  /** Sets what is added to the root of the mean square. */
  public Adam eps(double value) {
    eps = option("eps", value);
    return this;
  }

  /** Sets the weight of the L2 penalty. */
  public Adam weightDecay(double value) {
    weightDecay = option("weightDecay", value);
    return this;
  }

  @Override
  void prepare() {
    double coupled = decoupled ? 0 : weightDecay;
    meanNumbers = new double[] {beta1, coupled};
    squareNumbers = new double[] {beta2, coupled};
    weightNumbers = new double[] {eps, decoupled ? weightDecay : 0};
    means = slots(".expAvg", 0);
    squares = slots(".expAvgSq", 0);
    count = counted();
    meanCorrection = scalar(1);
    squareCorrection = scalar(1);
  }

  @Override
  void beforeStep() {
    double steps = count.next();
    meanCorrection.copyFrom(new double[] {1 - Math.pow(beta1, steps)}, 0);
    squareCorrection.copyFrom(new double[] {Math.sqrt(1 - Math.pow(beta2, steps))}, 0);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    Tensor m = means.get(name);
    Tensor s = squares.get(name);
    into(m, MEAN, meanNumbers, m, gradient, p);
    into(s, SQUARE, squareNumbers, s, gradient, p);
    into(p, WEIGHT, weightNumbers, p, m, s, learningRate, meanCorrection, squareCorrection);
  }
}
