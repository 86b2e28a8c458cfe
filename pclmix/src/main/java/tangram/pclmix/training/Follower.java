package tangram.pclmix.training;

import java.nio.file.Path;
import tangram.nn.Schedule;
import tangram.nn.training.GradientExchange;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.method.Learner;
import tangram.tensor.Device;

/**
 * A worker that shares the steps of a {@link Trainer} in another process and has the same state
 * after each, of which it writes nothing.
 */
public final class Follower {
  private final TrainingConfig config;
  private final Learner learner;
  private final Schedule schedule;
  private final TrainingStep work;
  private final Batch batch;
  private final TrainingState state;

  /**
   * Prepares.
   *
   * @param learner with the weights to start from, those of the first worker
   * @param slices to learn from, as the method prepared them
   * @param exchange with the other workers
   */
  public Follower(
      Device device,
      TrainingConfig config,
      Learner learner,
      Dataset slices,
      GradientExchange exchange) {
    this.config = config;
    this.learner = learner;
    this.schedule = config.schedule();
    this.work = new TrainingStep(device, config, learner, slices.mapNames(), exchange);
    this.batch = new Batch(slices, config);
    this.state =
        new TrainingState(
            config, learner, new EvaluatedWeights(device, config, learner), work.optimizer());
  }

  /**
   * Continues from the last checkpoint that can be read of a run that the first worker has opened;
   * from the beginning if there is none.
   *
   * @throws tangram.nn.FileFormatException if there are checkpoints but none that can be read
   */
  public void resume(Path folder) {
    RunFolder run = RunFolder.open(folder);
    if (run.hasCheckpoint()) {
      // What is to be said about damaged files, the first worker says.
      state.restore(run);
    }
  }

  /**
   * Shares the steps until all are done or the first worker stops.
   *
   * @return whether all are done
   * @throws tangram.nn.training.DivergenceException if the loss is no finite number
   * @throws tangram.nn.training.ExchangeException if another worker ended or does not answer
   */
  public boolean run() {
    learner.network().train(true);
    work.requireSameStep(state.step());
    while (state.step() < config.iterations() && !work.isStopped()) {
      int step = state.step();
      work.run(batch, step, schedule.at(step));
      state.advance();
    }
    return state.step() == config.iterations();
  }
}
