package tangram.pclmix.objective;

/** What a training step minimises. */
public interface StepObjective {
  /**
   * Adds the gradients of a step to the network's parameters.
   *
   * @param step iteration, counted from 0
   */
  StepLosses step(StepInput input, long step);
}
