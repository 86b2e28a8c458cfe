package tangram.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import tangram.pclmix.training.RunFolder;

/** Trains a run in an executor, or continues it from its last checkpoint. */
final class TrainTask implements Function<TrainTask.Request, TrainTask.Outcome> {
  private static final long serialVersionUID = 1L;

  /**
   * What to train.
   *
   * @param folder of the run, by which it is known
   * @param log takes what is to be said
   * @param settings of the run
   * @param device that computes
   * @param store where its files are if machines share no folder, else null
   */
  record Request(String folder, String log, String settings, String device, RunStore store)
      implements Serializable {}

  /**
   * What came of it.
   *
   * @param failure a sentence; null if it is done, or was told to stop
   */
  record Outcome(String failure) implements Serializable {}

  @Override
  public Outcome call(Request request) throws IOException {
    try (RunPlace place = RunPlace.of(request, true);
        PrintWriter out = place.log()) {
      return ExecutorRun.outcome(
          out,
          () -> {
            ExecutorRun run = new ExecutorRun(request, place, TaskContext.get(), out);
            run.prepare();
            try (RunFolder folder = run.open()) {
              run.train(folder);
            }
            return null;
          });
    }
  }
}
