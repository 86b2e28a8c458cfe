package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/**
 * Stochastic gradient descent with momentum and weight decay, PyTorch's {@code torch.optim.SGD}:
 * {@code g = g + weightDecay w}, {@code v = momentum v + (1 - dampening) g}, {@code w = w -
 * learningRate v}. Nesterov's momentum moves by {@code g + momentum v} (Sutskever et al. 2013).
 */
public final class Sgd extends Optimizer {
  private static final double[] NONE = {};

  /** Velocity, gradient, weight; momentum, weight decay. */
  private static final Formula VELOCITY =
      Formula.of(3, 2, (x, p) -> p[0].mul(x[0]).add(decayed(x, p)));

  /** The same with what dampening leaves. */
  private static final Formula DAMPED =
      Formula.of(3, 3, (x, p) -> p[0].mul(x[0]).add(p[2].mul(decayed(x, p))));

  /** Weight, velocity, learning rate, gradient; momentum, weight decay. */
  private static final Formula NESTEROV =
      Formula.of(
          4,
          2,
          (x, p) -> {
            Expr gradient = x[3].add(p[1].mul(x[0]));
            return x[0].sub(x[2].mul(gradient.add(p[0].mul(x[1]))));
          });

  /** Weight, gradient, learning rate; weight decay. */
  private static final Formula PLAIN =
      Formula.of(3, 1, (x, p) -> x[0].sub(x[2].mul(x[1].add(p[0].mul(x[0])))));

  private double momentum;
  private double dampening;
  private double weightDecay;
  private boolean nesterov;
  private Map<String, Tensor> momenta = Map.of();
  private StepCount count;
  private boolean first;

  /**
   * Creates the optimiser, without momentum and weight decay.
   *
   * @param parameters what to train, by name
   */
  public Sgd(Map<String, Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /** The gradient with weight decay, of operands as those of {@link #VELOCITY}. */
  private static Expr decayed(Expr[] x, Expr[] p) {
    return x[1].add(p[1].mul(x[2]));
  }

  /** Sets the weight of the past; 0 unless set. */
  public Sgd momentum(double value) {
    momentum = option("momentum", value);
    return this;
  }

  /** Sets what momentum leaves out of a gradient; 0 unless set. */
  public Sgd dampening(double value) {
    dampening = option("dampening", value);
    return this;
  }

  /** Sets the weight of the L2 penalty; 0 unless set. */
  public Sgd weightDecay(double value) {
    weightDecay = option("weightDecay", value);
    return this;
  }

  /** Sets whether the momentum is Nesterov's. */
  public Sgd nesterov(boolean on) {
    option("nesterov", 0);
    nesterov = on;
    return this;
  }

  @Override
  void prepare() {
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalStateException("Nesterov's momentum needs a momentum and no dampening");
    }
    if (momentum > 0) {
      // The momentum of every parameter has the parameter's name.
      momenta = slots("", 0);
      if (dampening > 0) {
        count = counted();
      }
    }
  }

  /** The first gradient is not dampened. */
  @Override
  void beforeStep() {
    first = count != null && count.next() == 1;
  }

  @Override
  void update(String name, Tensor p, Tensor gradient) {
    if (momentum == 0) {
      into(p, PLAIN, new double[] {weightDecay}, p, gradient, learningRate);
      return;
    }
    Tensor v = momenta.get(name);
    double[] numbers = {momentum, weightDecay};
    if (dampening > 0 && !first) {
      into(v, DAMPED, new double[] {momentum, weightDecay, 1 - dampening}, v, gradient, p);
    } else {
      into(v, VELOCITY, numbers, v, gradient, p);
    }
    if (nesterov) {
      into(p, NESTEROV, numbers, p, v, learningRate, gradient);
    } else {
      into(p, MOVED, NONE, p, v, learningRate);
    }
  }
}
