package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.Terminal;
import tangram.pclmix.method.Methods;
import tangram.pclmix.study.CrossValidation;
import tangram.pclmix.study.RunHost;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyKind;
import tangram.pclmix.study.StudyPlan;
import tangram.pclmix.study.StudyRun;
import tangram.pclmix.study.StudyRunner;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** A thousand runs: what becomes of them, and what the driver keeps of each. */
@Timeout(300)
class ScaleTest {
  private static final int RUNS = 1000;
  private static final int MEGABYTES = 64;

  @TempDir private static Path folder;
  private final TestCluster spark = TestCluster.shared();

  /**
   * Trains nothing: leaves what a run of one step would, with a Dice that grows with its seed from
   * 0 to 1.
   */
  private static final class StubTrainer implements Function<TrainTask.Request, TrainTask.Outcome> {
    private static final long serialVersionUID = 1L;

    @Override
    public TrainTask.Outcome call(TrainTask.Request request) throws Exception {
      RunPlugin.tell(request.folder(), 0, 0);
      Path folder = Path.of(request.folder());
      TrainingConfig config = TrainingConfig.parse(request.settings(), request.folder());
      // Not forced to disk as a run's files are: it is the driver that is tried.
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.properties"), config.format());
      // Long enough to be killed in.
      Thread.sleep(20);
      Files.writeString(
          folder.resolve("metrics.csv"),
          String.join(",", RunFolder.metricsColumns(config)) + "\n1,0.03,1,1,0.1\n");
      StringBuilder scores = new StringBuilder("case,class,dice,hd95_mm,hd95_voxels\n");
      for (int label = 1; label < config.labels().count(); label++) {
        scores.append(
            String.format(Locale.ROOT, "stub,%d,%.6f,1,1%n", label, config.seed() / (RUNS - 1.0)));
      }
      Files.writeString(folder.resolve("scores.csv"), scores);
      return new TrainTask.Outcome(null);
    }
  }

  private static long usedMegabytes() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
  }

  @Test
  void aThousandRunsAndTwoKilledExecutors() throws Exception {
    StudyPlan plan =
        new StudyPlan(
            StudyKind.CROSSVAL,
            Preset.TINY,
            Map.of(Setting.ITERATIONS, "1", Setting.METHOD, "pce"),
            CrossValidation.split(List.of(Methods.of("pce").orElseThrow()), Map.of()),
            RUNS);
    StringWriter out = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(out, true), false, 80);
    Path place = folder.resolve("study");
    RunHost host = new SparkHost(spark.cluster().context(), "vector", null, new StubTrainer());
    Set<String> started = ConcurrentHashMap.newKeySet();
    RunHost counted =
        new RunHost() {
          @Override
          public int atOnce() {
            return host.atOnce();
          }

          @Override
          public Handle start(StudyRun run, StudyFolder study) {
            assertTrue(started.add(run.name()), "started twice by the driver: " + run.name());
            return host.start(run, study);
          }
        };
    long before = usedMegabytes();
    int code;
    try (StudyFolder study = StudyFolder.open(place, plan)) {
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(
              () -> new StudyRunner(terminal, plan, study, counted).run());
      for (int done : new int[] {100, 300}) {
        TestCluster.await(done + " runs", () -> completed(place) > done);
        spark.executors().get(0).destroyForcibly();
      }
      code = end.get(250, TimeUnit.SECONDS);
    }
    long grown = usedMegabytes() - before;
    System.out.println(RUNS + " runs, driver's heap grown by " + grown + " MiB");
    assertEquals(0, code, out::toString);
    assertEquals(RUNS, started.size());
    assertEquals(RUNS, completed(place));
    assertTrue(grown < MEGABYTES, grown + " MiB");
    String table = Files.readString(place.resolve("table.md"));
    // The mean of 0 to 1 and its standard deviation, the root of a twelfth.
    assertTrue(table.contains("| 50.0 (28.9)"), table);
  }

  private static int completed(Path study) {
    try (Stream<Path> runs = Files.list(study.resolve("runs"))) {
      return (int) runs.filter(run -> Files.exists(run.resolve("scores.csv"))).count();
    } catch (java.io.IOException e) {
      // No run has begun.
      return 0;
    }
  }
}
