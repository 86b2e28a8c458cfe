package tangram.nn.training;

/**
 * The loop around training steps: when to validate, when to save, when to stop. It validates and
 * saves every so many steps and after the last; a stop is obeyed after the step under way, which is
 * saved.
 */
public final class TrainingLoop {
  /** What is done. Steps that were done are counted from 1. */
  public interface Work {
    /**
     * Does a step.
     *
     * @param step counted from 0
     */
    void step(long step);

    /** Measures how good the state after a step is. */
    void validate(long done);

    /** Saves the state after a step. */
    void save(long done);
  }

  private final long steps;
  private final long validateEvery;
  private final long saveEvery;
  private volatile boolean stopRequested;
  private volatile boolean ended;

  /**
   * Prepares.
   *
   * @param steps how many there are in all
   * @param validateEvery steps from one validation to the next
   * @param saveEvery steps from one state that is saved to the next
   */
  public TrainingLoop(long steps, long validateEvery, long saveEvery) {
    if (steps < 0 || validateEvery < 1 || saveEvery < 1) {
      throw new IllegalArgumentException(
          "0 or more steps, validated and saved every 1 or more: not %d, %d, %d"
              .formatted(steps, validateEvery, saveEvery));
    }
    this.steps = steps;
    this.validateEvery = validateEvery;
    this.saveEvery = saveEvery;
  }

  /** Makes {@link #run} save and return after the step under way; from any thread. */
  public void requestStop() {
    stopRequested = true;
  }

  /** Ends the training after the step under way, as if it were the last: from its validation. */
  public void end() {
    ended = true;
  }

  /**
   * Does the steps that are left.
   *
   * @param done how many were done before
   * @return whether none is left
   */
  public boolean run(long done, Work work) {
    while (done < steps && !stopRequested && !ended) {
      work.step(done);
      done++;
      boolean last = done == steps;
      if (last || done % validateEvery == 0) {
        work.validate(done);
      }
      if (last || ended || stopRequested || done % saveEvery == 0) {
        work.save(done);
      }
    }
    return ended || done >= steps;
  }
}
