package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tangram.nn.FileWriteException;
import tangram.nn.Schedule;
import tangram.nn.training.GradientExchange;
import tangram.nn.training.TrainingLoop;
import tangram.pclmix.method.Learner;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;

/**
 * Trains a network: batches, steps, validation, checkpoints. The same settings and seed give the
 * same bits, whether the run was interrupted or not and however many threads compute it.
 */
public final class Trainer {
  private final TrainingConfig config;
  private final TrainingData data;
  private final RunFolder folder;
  private final TrainingListener listener;
  private final TrainingState state;
  private final Learner learner;
  private final EvaluatedWeights evaluated;
  private final Schedule schedule;
  private final TrainingStep work;
  private final Batch batch;
  private final Validator validator;
  private final Snapshots snapshots;
  private final TrainingLoop loop;

  /**
   * Prepares a run of this process alone.
   *
   * @param learner with the weights to start from
   */
  public Trainer(
      Device device,
      TrainingConfig config,
      Learner learner,
      TrainingData data,
      RunFolder folder,
      TrainingListener listener) {
    this(device, config, learner, data, folder, listener, GradientExchange.ALONE);
  }

  /**
   * Prepares a run whose steps other workers share; they follow by a {@link Follower}.
   *
   * @param learner with the weights to start from
   * @param exchange with the others, among whom this is the first
   */
  public Trainer(
      Device device,
      TrainingConfig config,
      Learner learner,
      TrainingData data,
      RunFolder folder,
      TrainingListener listener,
      GradientExchange exchange) {
    if (exchange.rank() != 0) {
      throw new IllegalArgumentException("worker " + exchange.rank() + " writes no run");
    }
    this.config = config;
    this.loop =
        new TrainingLoop(
            config.iterations(),
            config.integer(Setting.VALIDATE_EVERY),
            config.integer(Setting.CHECKPOINT_EVERY));
    this.data = data;
    this.folder = folder;
    this.listener = listener;
    this.learner = learner;
    this.evaluated = new EvaluatedWeights(device, config, learner);
    this.schedule = config.schedule();
    this.work = new TrainingStep(device, config, learner, data.training().mapNames(), exchange);
    this.batch = new Batch(data.training(), config);
    this.validator =
        new Validator(
            new Segmenter(
                device,
                evaluated.predictor(),
                config.labels(),
                config.framing(),
                config.segmentation()));
    this.snapshots = new Snapshots(device, learner, data.training());
    this.state = new TrainingState(config, learner, evaluated, work.optimizer());
  }

  /**
   * Continues from the folder's last checkpoint that can be read; from the beginning if the run was
   * stopped before there was any.
   *
   * @return one sentence for every later one that is damaged, or about there being none, and for
   *     every other file that is lost, without which the run can continue
   * @throws tangram.nn.FileFormatException if there are checkpoints but none that can be read, or
   *     the run began with other data
   */
  public List<String> resume() {
    List<String> warnings = new ArrayList<>();
    DataRecord.of(data).requireSame(folder.path(), folder.hasCheckpoint()).ifPresent(warnings::add);
    warnings.addAll(state.restore(folder));
    warnings.addAll(folder.log().truncateAfter(state.step()));
    return warnings;
  }

  /** Number of steps done. */
  public int step() {
    return state.step();
  }

  /** Makes {@link #run} save a checkpoint and return after the step under way; from any thread. */
  public void requestStop() {
    if (work.isShared()) {
      work.requestStop();
    } else {
      loop.requestStop();
    }
  }

  /**
   * Trains until all iterations are done or a stop is requested.
   *
   * @return whether all iterations are done
   * @throws FileWriteException if something cannot be written; where the folder was moved or
   *     removed, the state is saved in a new one first
   */
  public boolean run() {
    try (RunEvents events = folder.log().events()) {
      return trainSteps(events);
    } catch (FileWriteException e) {
      if (folder.isInPlace()) {
        throw e;
      }
      throw saveElsewhere();
    }
  }

  /** Nothing may be written where the folder was: something else may be there by now. */
  private FileWriteException saveElsewhere() {
    Path place = RunFolder.makeNew(folder.path());
    try (RunFolder saved = RunFolder.create(place, config, data)) {
      state.save(saved);
    }
    return new FileWriteException(
        folder.path()
            + ": was moved or removed during the run; the state after step "
            + state.step()
            + " is saved in "
            + place
            + ", continue with --resume "
            + place
            + " and take earlier results from the folder's new place.");
  }

  private boolean trainSteps(RunEvents events) {
    work.requireSameStep(state.step());
    learner.network().train(true);
    boolean done =
        loop.run(
            state.step(),
            new TrainingLoop.Work() {
              @Override
              public void step(long step) {
                trainStep();
              }

              @Override
              public void validate(long done) {
                Trainer.this.validate(state.step());
              }

              @Override
              public void save(long done) {
                folder.requireInPlace();
                listener.saved(state.save(folder));
                events.flush();
              }
            });
    if (done && data.validation().isEmpty()) {
      state.keepLast(folder);
    } else if (done && !state.hasBest()) {
      // They were lost after the last validation: the last weights are all that is left.
      state.offer(
          validator.evaluate(data.validation(), listener::validating).average().dice().mean(),
          folder);
    }
    return done;
  }

  /**
   * Loads the best weights back from their file and scores them on the test volumes, if the run has
   * some, and leaves the scores in the folder.
   */
  public Optional<Validation> testBest() {
    if (data.test().isEmpty()) {
      return Optional.empty();
    }
    state.loadBest(folder);
    Validation validation =
        validator.validate(data.test(), listener::validating, (volume, prediction) -> {});
    folder.writeTestScores(validation);
    return Optional.of(validation);
  }

  /**
   * The evaluation of the best weights, loaded back from their file. It is the last that a run
   * does: its scores in the folder mean that the run is complete.
   *
   * @param sink receives the segmentations
   * @return empty if the run has no volumes to validate on, so that the last weights are the best
   */
  public Optional<Validation> evaluateBest(Validator.Sink sink) {
    if (data.validation().isEmpty()) {
      return Optional.empty();
    }
    state.loadBest(folder);
    Validation validation = validator.validate(data.validation(), listener::validating, sink);
    folder.writeScores(validation);
    return Optional.of(validation);
  }

  private void trainStep() {
    long start = System.nanoTime();
    int step = state.step();
    double rate = schedule.at(step);
    StepLosses losses = work.run(batch, step, rate);
    if (work.isStopped()) {
      loop.requestStop();
    }
    evaluated.updated(step);
    state.advance();
    folder.requireInPlace();
    double seconds = (System.nanoTime() - start) * 1e-9;
    folder.log().appendStep(step + 1, rate, losses, seconds);
    listener.step(step + 1, losses, rate, seconds);
  }

  private void validate(int done) {
    if (data.validation().isEmpty()) {
      folder.requireInPlace();
      state.keepLast(folder);
      folder.log().writeSnapshot(done, snapshots.draw(done));
      return;
    }
    long start = System.nanoTime();
    Evaluation evaluation = validator.evaluate(data.validation(), listener::validating);
    double seconds = (System.nanoTime() - start) * 1e-9;
    folder.requireInPlace();
    boolean best = state.offer(evaluation.average().dice().mean(), folder);
    folder.log().appendValidation(done, evaluation, seconds);
    folder.log().writeSnapshot(done, snapshots.draw(done));
    listener.validated(done, evaluation, best, seconds);
  }
}
