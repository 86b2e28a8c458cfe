package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/**
 * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), PyTorch's {@code
 * torch.optim.Adam} and {@code AdamW}.
 */
public final class Adam extends Optimizer {
  /** PyTorch's defaults. */
  public static final double BETA1 = 0.9;

  /** PyTorch's defaults. */
  public static final double BETA2 = 0.999;

  /** PyTorch's defaults. */
  public static final double EPS = 1e-8;

  /** Mean, gradient, weight; beta 1, weight decay. */
  private static final Formula MEAN =
      Formula.of(3, 2, (x, p) -> x[0].mul(p[0]).add(x[1].add(p[1].mul(x[2])).mul(p[0].rsub(1))));

  /** Mean square, gradient, weight; beta 2, weight decay. */
  private static final Formula SQUARE =
      Formula.of(
          3, 2, (x, p) -> x[0].mul(p[0]).add(x[1].add(p[1].mul(x[2])).square().mul(p[0].rsub(1))));

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

  private final double beta1;
  private final double beta2;
  private final double[] meanNumbers;
  private final double[] squareNumbers;
  private final double[] weightNumbers;
  private final Map<String, Tensor> means;
  private final Map<String, Tensor> squares;
  private final Map<String, Tensor> state = new LinkedHashMap<>();
  private final Tensor step;
  private final Tensor meanCorrection;
  private final Tensor squareCorrection;

  private Adam(
      Device device,
      Map<String, Tensor> parameters,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupled) {
    super(device, parameters);
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps >= 0 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "betas are from 0 to below 1, eps and weightDecay 0 or more; not %s, %s, %s, %s"
              .formatted(beta1, beta2, eps, weightDecay));
    }
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.meanNumbers = new double[] {beta1, decoupled ? 0 : weightDecay};
    this.squareNumbers = new double[] {beta2, decoupled ? 0 : weightDecay};
    this.weightNumbers = new double[] {eps, decoupled ? weightDecay : 0};
    this.means = zeros(device);
    this.squares = zeros(device);
    try (Scope persistent = Scope.detached()) {
      this.step = device.scalar(0);
      this.meanCorrection = device.scalar(1);
      this.squareCorrection = device.scalar(1);
    }
    means.forEach((name, t) -> state.put(name + ".expAvg", t));
    squares.forEach((name, t) -> state.put(name + ".expAvgSq", t));
    state.put("step", step);
  }

  /**
   * Adam, with weight decay as an L2 penalty; {@link #setLearningRate} comes before the first step.
   *
   * @param parameters what to train, by name
   * @param eps added to the root of the mean square
   */
  public static Adam adam(
      Device device,
      Map<String, Tensor> parameters,
      double beta1,
      double beta2,
      double eps,
      double weightDecay) {
    return new Adam(device, parameters, beta1, beta2, eps, weightDecay, false);
  }

  /** Adam with PyTorch's defaults and without weight decay. */
  public static Adam adam(Device device, Map<String, Tensor> parameters) {
    return adam(device, parameters, BETA1, BETA2, EPS, 0);
  }

  /** AdamW: weights shrink by the learning rate times weightDecay, apart from the gradient. */
  public static Adam adamW(
      Device device,
      Map<String, Tensor> parameters,
      double beta1,
      double beta2,
      double eps,
      double weightDecay) {
    return new Adam(device, parameters, beta1, beta2, eps, weightDecay, true);
  }

  /** The number of steps is part of the state, and comes from it after a checkpoint was read. */
  @Override
  void beforeStep() {
    double count = step.item() + 1;
    step.copyFrom(new double[] {count}, 0);
    meanCorrection.copyFrom(new double[] {1 - Math.pow(beta1, count)}, 0);
    squareCorrection.copyFrom(new double[] {Math.sqrt(1 - Math.pow(beta2, count))}, 0);
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    Tensor m = means.get(name);
    Tensor s = squares.get(name);
    MapOp.into(m, MEAN, meanNumbers, m, gradient, p);
    MapOp.into(s, SQUARE, squareNumbers, s, gradient, p);
    MapOp.into(p, WEIGHT, weightNumbers, p, m, s, learningRate, meanCorrection, squareCorrection);
  }

  /** Means and mean squares of gradients, and the number of steps. */
  @Override
  public Map<String, Tensor> state() {
    return state;
  }
}
