package tangram.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import tangram.nn.FileWriteException;
import tangram.pclmix.study.RunHost;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyRun;

/**
 * Trains each run of a study as a job of Spark with one task: a run that fails costs the others
 * nothing, Spark's pages show each by its name, and what is lost with a machine starts elsewhere
 * from its last checkpoint.
 */
final class SparkHost implements RunHost {
  /** Jobs that wait or run: enough for any room that executors make, and no more to remember. */
  private static final int WAITING = 100;

  private final JavaSparkContext context;
  private final String device;
  private final int jobs;
  private final Function<TrainTask.Request, TrainTask.Outcome> task;

  /**
   * Prepares.
   *
   * @param jobs runs at a time; null for as many as there is room for
   */
  SparkHost(JavaSparkContext context, String device, Integer jobs) {
    this(context, device, jobs, new TrainTask());
  }

  /** As the other, with what else to do in the place of training. */
  SparkHost(
      JavaSparkContext context,
      String device,
      Integer jobs,
      Function<TrainTask.Request, TrainTask.Outcome> task) {
    this.task = task;
    this.context = context;
    this.device = device;
    this.jobs = jobs == null ? WAITING : jobs;
  }

  @Override
  public int atOnce() {
    return jobs;
  }

  @Override
  public Handle start(StudyRun run, StudyFolder folder) {
    // A name for messages: two studies of an application may have runs of one name.
    String group = folder.run(run).toString();
    RunPlugin.forget(group);
    RunStore store = RunStore.of(context, folder.run(run));
    if (store != null) {
      store.give(run.config(), folder.run(run), folder.log(run));
    }
    context.setJobGroup(group, run.name(), false);
    try {
      TrainTask.Request request =
          new TrainTask.Request(
              group, folder.log(run).toString(), run.config().format(), device, store);
      return new Job(request, context.parallelize(List.of(request), 1).map(task).collectAsync());
    } finally {
      context.clearJobGroup();
    }
  }

  private final class Job implements Handle {
    private final TrainTask.Request request;
    private final String group;
    private final JavaFutureAction<List<TrainTask.Outcome>> future;

    Job(TrainTask.Request request, JavaFutureAction<List<TrainTask.Outcome>> future) {
      this.request = request;
      this.group = request.folder();
      this.future = future;
    }

    @Override
    public boolean isAlive() {
      return !future.isDone();
    }

    @Override
    public int steps() {
      return RunPlugin.steps(group);
    }

    @Override
    public Optional<String> failure() {
      if (request.store() != null) {
        try {
          request.store().takeBack(Path.of(request.folder()), Path.of(request.log()));
        } catch (FileWriteException e) {
          return Optional.of(e.getMessage());
        }
      }
      try {
        return Optional.ofNullable(future.get().get(0).failure());
      } catch (CancellationException e) {
        return Optional.of("its job was cancelled");
      } catch (ExecutionException e) {
        return Optional.of(Failure.sentence(e));
      } catch (InterruptedException e) {
        throw new IllegalStateException("the job is over, nothing is waited for", e);
      }
    }

    @Override
    public void stop() {
      RunPlugin.stop(group);
      if (!RunPlugin.hasBegun(group)) {
        // It waits for room. Should it just begin, it is told and saves, too.
        context.cancelJobGroup(group);
      }
    }
  }
}
