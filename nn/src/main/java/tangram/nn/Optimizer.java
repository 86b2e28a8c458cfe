package tangram.nn;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.Updates;

/**
 * Moves parameters along their gradients.
 *
 * <pre>{@code
 * Optimizer optimizer = new Sgd(model.parameters(), 0.1).momentum(0.9).weightDecay(1e-4);
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 * }</pre>
 *
 * <p>Options other than the learning rate are set before the first step. Parameters that need other
 * options than the rest get an optimiser of their own, and {@link #of} joins the two.
 *
 * <p>The learning rate is a tensor, so that a recorded step can be replayed with another.
 */
public abstract class Optimizer {
  /** Running mean, gradient, weight; what stays of the mean, weight decay. */
  static final Formula MEAN =
      Formula.of(3, 2, (x, p) -> x[0].mul(p[0]).add(x[1].add(p[1].mul(x[2])).mul(p[0].rsub(1))));

  /** Running mean square, gradient, weight; what stays of the mean, weight decay. */
  static final Formula SQUARE =
      Formula.of(
          3, 2, (x, p) -> x[0].mul(p[0]).add(x[1].add(p[1].mul(x[2])).square().mul(p[0].rsub(1))));

  /** Weight, velocity, learning rate. */
  static final Formula MOVED = Formula.of(3, x -> x[0].sub(x[2].mul(x[1])));

  final Map<String, Tensor> parameters;
  final Tensor learningRate;
  private Updates updates;
  private final Map<String, Tensor> state = new LinkedHashMap<>();
  private double rate;
  private boolean started;

  /**
   * Creates an optimiser.
   *
   * @param parameters what to train, by name; one that has several is trained once, by the first
   * @param learningRate 0 or more
   * @throws IllegalArgumentException if there is nothing to train
   */
  Optimizer(Map<String, Tensor> parameters, double learningRate) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("an optimiser needs at least one parameter to train");
    }
    this.parameters = new LinkedHashMap<>();
    Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
    parameters.forEach(
        (name, p) -> {
          if (known.add(p)) {
            this.parameters.put(name, p);
          }
        });
    this.learningRate = scalar(0);
    setLearningRate(learningRate);
  }

  /** Several optimisers as one. */
  Optimizer(double rate) {
    this.parameters = Map.of();
    this.learningRate = null;
    this.rate = rate;
  }

  /**
   * Joins optimisers of different parameters, the parameter groups of PyTorch:
   *
   * <pre>{@code
   * Optimizer.of(
   *     new AdamW(weights, 3e-4).weightDecay(0.1),
   *     new AdamW(biases, 3e-4).weightDecay(0));
   * }</pre>
   *
   * {@link #setLearningRate} sets that of the first; those of the others keep their ratio to it.
   *
   * @throws IllegalArgumentException if two train a parameter of the same name, or the first has
   *     the learning rate 0 and another has not
   */
  public static Optimizer of(Optimizer... parts) {
    return new JointOptimizer(parts);
  }

  /** The device of the parameters. */
  final Device device() {
    return parameters.values().iterator().next().device();
  }

  /** The learning rate of the next step. */
  public final double learningRate() {
    return rate;
  }

  /** Sets the learning rate of the following steps. */
  public final void setLearningRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a learning rate is 0 or more, not " + rate);
    }
    this.rate = rate;
    rateChanged(rate);
  }

  void rateChanged(double to) {
    learningRate.copyFrom(new double[] {to}, 0);
  }

  /** Sets the gradients of all parameters to zero. */
  public void zeroGrad() {
    Tensor.zeroGrad(parameters.values());
  }

  /** Updates every parameter that has a gradient. */
  public void step() {
    start();
    beforeStep();
    updates = new Updates();
    parameters.forEach(
        (name, p) -> {
          if (p.grad() != null) {
            updates.next();
            update(name, p, p.grad());
          }
        });
    updates.run();
  }

  /** Overwrites a tensor within {@link #update}: see {@link Updates#into}. */
  final void into(Tensor y, Formula formula, double[] numbers, Tensor... x) {
    updates.into(y, formula, numbers, x);
  }

  /** What the next step reads besides parameters and gradients, by name: checkpoints hold it. */
  public Map<String, Tensor> state() {
    start();
    return Collections.unmodifiableMap(state);
  }

  private void start() {
    if (!started) {
      prepare();
      started = true;
    }
  }

  /** Makes the state, with options that are final. */
  abstract void prepare();

  /** What all updates of a step share. */
  void beforeStep() {}

  /** Says what a step does to a parameter and its state, by {@link #into}. */
  abstract void update(String name, Tensor parameter, Tensor gradient);

  /**
   * Checks an option before it is set.
   *
   * @param most values are below it
   * @throws IllegalArgumentException if the value is none from 0 to below the given one
   * @throws IllegalStateException after the first step
   */
  final double option(String name, double value, double most) {
    if (started) {
      throw new IllegalStateException("set " + name + " before the first step");
    }
    if (!(value >= 0 && value < most)) {
      throw new IllegalArgumentException(
          name
              + " is 0 or more"
              + (Double.isInfinite(most) ? "" : " and less than " + most)
              + ", not "
              + value);
    }
    return value;
  }

  /** As the other, of a value without bound but infinity. */
  final double option(String name, double value) {
    return option(name, value, Double.POSITIVE_INFINITY);
  }

  /** A tensor like every parameter, filled with a value, which is part of the state. */
  final Map<String, Tensor> slots(String suffix, double value) {
    Map<String, Tensor> slots = new LinkedHashMap<>();
    try (Scope persistent = Scope.detached()) {
      parameters.forEach((name, p) -> slots.put(name, p.device().full(value, p.type(), p.shape())));
    }
    slots.forEach((name, tensor) -> state.put(name + suffix, tensor));
    return slots;
  }

  /** A number on the device that outlives scopes. */
  final Tensor scalar(double value) {
    try (Scope persistent = Scope.detached()) {
      return device().scalar(value);
    }
  }

  /** The number of steps done, which is part of the state and comes back from a checkpoint. */
  final StepCount counted() {
    Tensor count = scalar(0);
    state.put("step", count);
    return new StepCount(count);
  }

  /** Counts steps in a tensor. */
  static final class StepCount {
    private final Tensor count;

    private StepCount(Tensor count) {
      this.count = count;
    }

    /** Counts one more; returns how many there are. */
    double next() {
      double next = count.item() + 1;
      count.copyFrom(new double[] {next}, 0);
      return next;
    }
  }
}
