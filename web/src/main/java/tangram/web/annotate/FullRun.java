package tangram.web.annotate;

import java.nio.file.Path;
import java.util.Optional;
import tangram.pclmix.active.ActiveData;

/** Trains a network from what is drawn as {@code train} does, in a process of its own. */
public interface FullRun extends AutoCloseable {
  /** Tells truths. */
  interface TruthOf {
    /**
     * The dense truth of a frame, [depth][height][width]; null where there is none.
     *
     * @throws tangram.nn.data.DataException if it cannot be used
     */
    byte[] of(int scan, int frame);
  }

  /**
   * Starts a run.
   *
   * @param folder of all runs of the session
   * @param changed is run when there is news: the run's page is there, the run has ended
   * @throws IllegalStateException if one is running or nothing can be trained; the message is a
   *     sentence
   */
  void start(ActiveData data, TruthOf truths, Path folder, Runnable changed);

  /** Whether a run is going on. */
  boolean isRunning();

  /** The folder of the last run. */
  Optional<Path> run();

  /** The page of the run that is going on. */
  Optional<String> url();

  /** A sentence about how the last run ended, if it did not end well. */
  Optional<String> note();

  /** Has the run save and end. */
  void stop();

  @Override
  void close();
}
