package tangram.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import tangram.cli.Cluster;
import tangram.nn.FileFormatException;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.prediction.PredictionFiles;

/** Segments scans in a job of Spark; those that have results already are left alone. */
final class SharedPrediction {
  /** A task's; what a machine that is lost costs. */
  private static final int SCANS = 4;

  private static final int POLL_MILLIS = 200;
  private static final int FAILED = 1;

  private final JavaSparkContext context;
  private final Terminal terminal;
  private final Cluster.Segmentation wanted;
  private final HadoopFiles files;
  private final Progress progress;

  SharedPrediction(JavaSparkContext context, Terminal terminal, Cluster.Segmentation wanted) {
    this.context = context;
    this.terminal = terminal;
    this.wanted = wanted;
    this.files = new HadoopFiles(context.hadoopConfiguration());
    this.progress = new Progress(terminal);
  }

  /** Segments; returns the exit code. */
  int run() {
    List<String> scans = files.scans(wanted.inputs());
    requireDifferentNames(scans);
    byte[] model = files.read(wanted.model());
    check(model);
    Set<String> there = files.names(wanted.out());
    List<String> left = scans.stream().filter(scan -> !isDone(scan, there)).toList();
    terminal
        .out()
        .printf(
            "Scans     %d%s%nFolder    %s%n%n",
            scans.size(),
            left.size() == scans.size()
                ? ""
                : ", " + (scans.size() - left.size()) + " of them done before",
            wanted.out());
    if (left.isEmpty()) {
      return 0;
    }
    return conclude(segment(left, model), left.size());
  }

  private void check(byte[] model) {
    try {
      SegmentTask.load(model, wanted.device(), wanted.replaced());
    } catch (FileFormatException e) {
      // What is wrong is told of a copy.
      throw new FileFormatException(
          e.getMessage().replaceFirst("^\\S+pclmix-model\\S+:", wanted.model() + ":"), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireDifferentNames(List<String> scans) {
    Map<String, String> named = new HashMap<>();
    for (String scan : scans) {
      String other = named.put(result(scan), scan);
      if (other != null) {
        throw new DataException(
            scan
                + ": its prediction would have the same name as that of "
                + other
                + "; predict one of the two into another folder.");
      }
    }
  }

  private static String result(String scan) {
    return CaseName.withoutExtension(java.nio.file.Path.of(HadoopFiles.name(scan)));
  }

  private boolean isDone(String scan, Set<String> there) {
    PredictionFiles results =
        new PredictionFiles(java.nio.file.Path.of(""), wanted.probabilities(), wanted.overlay());
    String name = result(scan);
    return there.contains(results.classes(name).toString())
        && (!wanted.probabilities() || there.contains(results.probabilities(name).toString()))
        && (!wanted.overlay() || there.contains(results.overlay(name).toString()));
  }

  /** What came of the scans, of those that were not stopped. */
  List<SegmentTask.Outcome> segment(List<String> scans, byte[] model) {
    String group = "predict " + UUID.randomUUID();
    context.setJobGroup(group, "predict into " + wanted.out(), false);
    JavaFutureAction<List<SegmentTask.Outcome>> job;
    try {
      job =
          context
              .parallelize(scans, (scans.size() + SCANS - 1) / SCANS)
              .mapPartitions(
                  new SegmentTask(
                      group,
                      wanted,
                      context.broadcast(model),
                      context.broadcast(
                          new SerializableConfiguration(context.hadoopConfiguration()))))
              .collectAsync();
    } finally {
      context.clearJobGroup();
    }
    try (StopSignals signals =
        new StopSignals(
            () -> {
              progress.println("Stopping; the scans under way are finished ...");
              RunPlugin.stop(group);
            })) {
      while (!job.isDone()) {
        progress.update(RunPlugin.steps(group), scans.size(), "scans");
        Thread.sleep(POLL_MILLIS);
      }
      progress.clear();
      List<SegmentTask.Outcome> outcomes = new ArrayList<>(job.get());
      RunPlugin.forget(group);
      return outcomes;
    } catch (CancellationException e) {
      throw new DataException("The job was cancelled; start the same command again to go on.", e);
    } catch (ExecutionException e) {
      throw new DataException(Failure.sentence(e) + " Start the same command again to go on.", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts the main thread", e);
    }
  }

  private int conclude(List<SegmentTask.Outcome> outcomes, int wantedScans) {
    int failed = 0;
    for (SegmentTask.Outcome outcome : outcomes) {
      outcome.notices().forEach(terminal::warn);
      if (outcome.failure() != null) {
        terminal.err().println(Main.NAME + " predict: " + Visible.of(outcome.failure()));
        failed++;
      }
    }
    terminal
        .out()
        .printf(
            "%d scans are segmented%s%s.%n",
            outcomes.size() - failed,
            failed > 0 ? ", " + failed + " failed" : "",
            outcomes.size() < wantedScans
                ? ", "
                    + (wantedScans - outcomes.size())
                    + " are left; start the same command again to go on"
                : "");
    if (outcomes.size() < wantedScans) {
      return StopSignals.INTERRUPTED;
    }
    return failed > 0 ? FAILED : 0;
  }
}
