package tangram.spark;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.reflect.ClassTag$;
import tangram.cli.Cluster;
import tangram.cli.RunSummary;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.pclmix.training.RunFolder;

/** Trains one run by several workers, in a job of Spark that needs room for all of them at once. */
final class SharedTraining {
  private static final int POLL_MILLIS = 200;
  private static final int TOKEN = 32;
  private static final int FAILED = 1;

  private final JavaSparkContext context;
  private final Terminal terminal;
  private final Cluster.Training training;
  private final Progress progress;

  /** Null where machines share folders. */
  private final RunStore store;

  SharedTraining(JavaSparkContext context, Terminal terminal, Cluster.Training training) {
    this.context = context;
    this.terminal = terminal;
    this.training = training;
    this.progress = new Progress(terminal);
    this.store = RunStore.of(context, training.folder());
  }

  private Path log() {
    return training.folder().resolveSibling(training.folder().getFileName() + ".log");
  }

  /** Trains; returns the exit code. */
  int run() {
    String group = training.folder().toString();
    terminal
        .out()
        .printf(
            "Run       %s%nWorkers   %d, %d shards%n%n",
            training.folder(), training.workers(), training.config().shards());
    RunPlugin.forget(group);
    if (store != null) {
      progress.doing("Copying to the store ...");
      store.give(training.config(), training.folder(), log());
    }
    JavaFutureAction<List<Object>> job = submit(group);
    boolean stopped;
    try (StopSignals signals =
        new StopSignals(
            () -> {
              progress.println("Stopping; the workers save their state ...");
              RunPlugin.stop(group);
              if (!RunPlugin.hasBegun(group)) {
                context.cancelJobGroup(group);
              }
            })) {
      while (!job.isDone()) {
        show();
        pause();
      }
      stopped = signals.requested();
    }
    if (store != null) {
      progress.doing("Fetching the run ...");
      store.takeBack(training.folder(), log());
    }
    progress.clear();
    Optional<String> failure = failure(job);
    if (stopped) {
      terminal
          .out()
          .printf(
              "Stopped after step %d of %d. Continue with%n  train --resume %s%n",
              steps(), training.config().iterations(), training.folder());
      return StopSignals.INTERRUPTED;
    }
    if (failure.isPresent()) {
      terminal.err().println(Main.NAME + " train: " + failure.get());
      return FAILED;
    }
    RunSummary.print(terminal.out(), RunFolder.open(training.folder()));
    return 0;
  }

  private JavaFutureAction<List<Object>> submit(String group) {
    byte[] token = new byte[TOKEN];
    new SecureRandom().nextBytes(token);
    TrainTask.Request request =
        new TrainTask.Request(
            group, log().toString(), training.config().format(), training.device(), store);
    context.setJobGroup(group, training.folder().getFileName().toString(), false);
    try {
      JavaRDD<Object> outcomes =
          context
              .parallelize(WorkerTask.ranks(training.workers()), training.workers())
              .rdd()
              .barrier()
              .mapPartitions(new WorkerTask(request, token), false, ClassTag$.MODULE$.Object())
              .toJavaRDD();
      // A stage before the last: those that wait together are started again by Spark if one fails.
      return outcomes.repartition(1).collectAsync();
    } finally {
      context.clearJobGroup();
    }
  }

  private static Optional<String> failure(JavaFutureAction<List<Object>> job) {
    try {
      return job.get().stream()
          .map(outcome -> ((TrainTask.Outcome) outcome).failure())
          .filter(failure -> failure != null)
          .findFirst();
    } catch (CancellationException e) {
      return Optional.of("its job was cancelled.");
    } catch (ExecutionException e) {
      return Optional.of(Failure.sentence(e));
    } catch (InterruptedException e) {
      throw new IllegalStateException("the job is over, nothing is waited for", e);
    }
  }

  private int steps() {
    return RunFolder.exists(training.folder()) ? RunFolder.open(training.folder()).stepsDone() : 0;
  }

  private void show() {
    if (!RunPlugin.hasBegun(training.folder().toString())) {
      progress.doing("Waiting for room for " + training.workers() + " workers ...");
    } else if (store != null) {
      int steps = RunPlugin.steps(training.folder().toString());
      progress.update(steps, training.config().iterations(), "steps");
    } else if (RunFolder.exists(training.folder())) {
      double dice = RunFolder.open(training.folder()).lastDice();
      progress.update(
          steps(),
          training.config().iterations(),
          Double.isNaN(dice) ? "steps" : String.format(Locale.ROOT, "steps  Dice %.3f", dice));
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts the main thread", e);
    }
  }
}
