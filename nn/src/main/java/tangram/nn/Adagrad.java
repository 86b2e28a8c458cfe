package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;

/**
 * Adagrad (Duchi et al. 2011), PyTorch's {@code torch.optim.Adagrad}: gradients are divided by the
 * root of the sum of their squares so far.
 */
public final class Adagrad extends Optimizer {
  /** Sum, gradient, weight; weight decay. */
  private static final Formula SUM =
      Formula.of(3, 1, (x, p) -> x[0].add(x[1].add(p[0].mul(x[2])).square()));

  /** Weight, gradient, sum, learning rate, what the decay makes of it; weight decay, eps. */
  private static final Formula WEIGHT =
      Formula.of(
          5,
          2,
          (x, p) ->
              x[0].sub(x[3].div(x[4]).mul(x[1].add(p[0].mul(x[0]))).div(x[2].sqrt().add(p[1]))));

  private double rateDecay;
  private double weightDecay;
  private double initial;
  private double eps = 1e-10;
  private Map<String, Tensor> sums;
  private StepCount count;
  private Tensor divisor;

  /**
   * Creates the optimiser with PyTorch's defaults: eps 1e-10, sums from 0, no decay.
   *
   * @param parameters what to train, by name
   */
  public Adagrad(Map<String, Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /** Sets d, by which the learning rate of step t, from 0, is divided as {@code 1 + t d}. */
  public Adagrad learningRateDecay(double value) {
    rateDecay = option("learningRateDecay", value);
    return this;
  }

  /** Sets the weight of the L2 penalty. */
  public Adagrad weightDecay(double value) {
    weightDecay = option("weightDecay", value);
    return this;
  }

  /** Sets where the sums of squares begin. */
  public Adagrad initialAccumulatorValue(double value) {
    initial = option("initialAccumulatorValue", value);
    return this;
  }

  /** Sets what is added to the root of the sum. */
  public Adagrad eps(double value) {
    eps = option("eps", value);
    return this;
  }

  @Override
  void prepare() {
    sums = slots(".sum", initial);
    count = counted();
    divisor = scalar(1);
  }

  @Override
  void beforeStep() {
    divisor.copyFrom(new double[] {1 + (count.next() - 1) * rateDecay}, 0);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    Tensor sum = sums.get(name);
    into(sum, SUM, new double[] {weightDecay}, sum, gradient, p);
    into(p, WEIGHT, new double[] {weightDecay, eps}, p, gradient, sum, learningRate, divisor);
  }
}
