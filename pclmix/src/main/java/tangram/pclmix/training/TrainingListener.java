package tangram.pclmix.training;

import java.nio.file.Path;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.objective.StepLosses;

/** Hears what a training run does: a progress bar, a log. What it does not override, it ignores. */
public interface TrainingListener {
  /**
   * A step was done.
   *
   * @param step number of steps done, from 1
   * @param losses its losses
   * @param learningRate its learning rate
   * @param seconds time it took
   */
  default void step(int step, StepLosses losses, double learningRate, double seconds) {}

  /** A validation is under way. */
  default void validating(int done, int all) {}

  /**
   * A validation was done.
   *
   * @param best whether it is the best so far
   * @param seconds time it took
   */
  default void validated(int step, Evaluation evaluation, boolean best, double seconds) {}

  /** A checkpoint was written. */
  default void saved(Path checkpoint) {}
}
