package tangram.pclmix.study;

import java.util.Optional;

/** Where the runs of a study are trained: processes of this machine, or a cluster. */
public interface RunHost {
  /** How many runs may be handed over at a time, at least 1. */
  int atOnce();

  /**
   * Starts a run, or continues one that was begun; does not wait for it.
   *
   * @throws tangram.nn.FileWriteException if it cannot be started
   */
  Handle start(StudyRun run, StudyFolder folder);

  /** A run that was started. */
  interface Handle {
    /** Whether it is not over yet. */
    boolean isAlive();

    /** Steps done, where the run's folder does not tell before the run is over; else 0. */
    default int steps() {
      return 0;
    }

    /**
     * Why it failed, in a sentence; empty if it went well. Once it is over; the run's folder is
     * what it left from then on.
     */
    Optional<String> failure();

    /** Lets it save its state and end; from any thread, and any number of times. */
    void stop();
  }
}
