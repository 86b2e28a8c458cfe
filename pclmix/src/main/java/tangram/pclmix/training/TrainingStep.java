package tangram.pclmix.training;

import java.util.List;
import tangram.nn.Optimizer;
import tangram.nn.Sgd;
import tangram.nn.training.DivergenceException;
import tangram.nn.training.GradientExchange;
import tangram.pclmix.method.Learner;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Tensor;

/** What every step of a training does: a batch, its gradients, the optimiser. */
public final class TrainingStep {
  private final Learner learner;
  private final Optimizer optimizer;
  private final Replay update;
  private final StepInput input;

  /** Null where batches are not divided. */
  private final Shards shards;

  /**
   * Prepares steps of this process alone.
   *
   * @param learner with the weights to start from
   * @param mapNames the further maps of every slice
   */
  public TrainingStep(
      Device device, TrainingConfig config, Learner learner, List<String> mapNames) {
    this(device, config, learner, mapNames, GradientExchange.ALONE);
  }

  /**
   * Prepares steps that several workers share.
   *
   * @param learner with the weights to start from
   * @param mapNames the further maps of every slice
   * @param exchange with the others
   */
  TrainingStep(
      Device device,
      TrainingConfig config,
      Learner learner,
      List<String> mapNames,
      GradientExchange exchange) {
    this.learner = learner;
    this.shards =
        config.shards() == 1 && exchange.workers() == 1
            ? null
            : new Shards(config.shards(), learner, exchange);
    this.optimizer =
        new Sgd(learner.parameters(), 0)
            .momentum(config.real(Setting.MOMENTUM))
            .weightDecay(config.real(Setting.WEIGHT_DECAY));
    this.update = device.replay("update");
    this.input =
        new StepInput(
            device,
            config.batch() / config.shards(),
            config.imageSize(),
            mapNames,
            config.scribbleLoss().absentWeight() > 0 ? config.network().classes() : 0);
  }

  /** What moves the parameters. */
  Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Does a step.
   *
   * @param step counted from 0; random numbers and schedules follow it
   * @param rate the learning rate
   * @throws DivergenceException if the loss is no finite number; the parameters did not move then
   */
  public StepLosses run(Batch batch, int step, double rate) {
    update.begin();
    StepLosses losses =
        shards == null
            ? whole(batch, step)
            : shards.step(input, step, shard -> batch.load(step, shard), this::clear);
    if (!Double.isFinite(losses.total())) {
      throw new DivergenceException(
          "The loss became "
              + losses.total()
              + " at step "
              + (step + 1)
              + "; lower --learning-rate and start again.");
    }
    optimizer.setLearningRate(rate);
    update.section(optimizer::step);
    learner.updated(step);
    return losses;
  }

  private StepLosses whole(Batch batch, int step) {
    batch.load(step, input);
    clear();
    return learner.step(input, step);
  }

  private void clear() {
    update.section(() -> Tensor.zeroGrad(learner.parameters().values()));
  }

  /** Whether other workers share the steps. */
  boolean isShared() {
    return shards != null && shards.exchange().workers() > 1;
  }

  /** Lets all workers stop after the next step. */
  void requestStop() {
    shards.requestStop();
  }

  /** Whether the workers agreed on stopping after the last step. */
  boolean isStopped() {
    return shards != null && shards.isStopped();
  }

  /**
   * Checks that all workers have done as many steps.
   *
   * @throws tangram.nn.training.ExchangeException if not
   */
  void requireSameStep(int step) {
    if (shards != null) {
      shards.requireSameStep(step);
    }
  }
}
