package tangram.pclmix.training;

import java.util.List;
import tangram.nn.Optimizer;
import tangram.nn.Sgd;
import tangram.nn.training.DivergenceException;
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

  /**
   * Prepares.
   *
   * @param learner with the weights to start from
   * @param mapNames the further maps of every slice
   */
  public TrainingStep(
      Device device, TrainingConfig config, Learner learner, List<String> mapNames) {
    this.learner = learner;
    this.optimizer =
        new Sgd(learner.parameters(), 0)
            .momentum(config.real(Setting.MOMENTUM))
            .weightDecay(config.real(Setting.WEIGHT_DECAY));
    this.update = device.replay("update");
    this.input =
        new StepInput(
            device,
            config.batch(),
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
    batch.load(step, input);
    update.begin();
    update.section(() -> Tensor.zeroGrad(learner.parameters().values()));
    StepLosses losses = learner.step(input, step);
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
}
