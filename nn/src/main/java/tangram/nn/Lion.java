package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/**
 * Lion (Chen et al. 2023, Symbolic discovery of optimization algorithms, algorithm 2): weights move
 * by the sign of {@code beta1 m + (1 - beta1) g}, and {@code m = beta2 m + (1 - beta2) g}.
 */
public final class Lion extends Optimizer {
  /** Mean, gradient; beta 2. */
  private static final Formula MEAN =
      Formula.of(2, 1, (x, p) -> x[0].mul(p[0]).add(x[1].mul(p[0].rsub(1))));

  /** Weight, mean, gradient, learning rate; beta 1, weight decay. */
  private static final Formula WEIGHT =
      Formula.of(
          4,
          2,
          (x, p) -> {
            Expr direction = x[1].mul(p[0]).add(x[2].mul(p[0].rsub(1))).sign();
            return x[0].sub(x[3].mul(direction.add(p[1].mul(x[0]))));
          });

  private double beta1 = 0.9;
  private double beta2 = 0.99;
  private double weightDecay;
  private Map<String, Tensor> means;

  /**
   * Creates the optimiser with the paper's defaults: betas 0.9 and 0.99, no weight decay.
   *
   * @param parameters what to train, by name
   * @param learningRate a third to a tenth of what suits {@link AdamW}
   */
  public Lion(Map<String, Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /** Sets what stays of the mean in the direction of a step, and in the mean; 0 to below 1. */
  public Lion betas(double ofDirection, double ofMean) {
    beta1 = option("the first beta", ofDirection, 1);
    beta2 = option("the second beta", ofMean, 1);
    return this;
  }

  /** Sets by how much, times the learning rate, weights shrink. */
  public Lion weightDecay(double value) {
    weightDecay = option("weightDecay", value);
    return this;
  }

  @Override
  void prepare() {
    means = slots(".expAvg", 0);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    Tensor m = means.get(name);
    into(p, WEIGHT, new double[] {beta1, weightDecay}, p, m, gradient, learningRate);
    into(m, MEAN, new double[] {beta2}, m, gradient);
  }
}
