package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;
import tangram.pclmix.training.FolderLock;

/** Studies on a cluster end as those of one machine, whatever is stopped or killed meanwhile. */
@Timeout(300)
@TestMethodOrder(OrderAnnotation.class)
class StudiesTest {
  private static final int STEPS = 150;
  private static final int SAVED = 4;
  private static final List<String> RUNS =
      List.of("pce-seed-0", "full-seed-0", "pce-seed-1", "full-seed-1");

  @TempDir private static Path folder;
  private static TestCluster spark;

  /** The study by processes of this machine. */
  private static Path alone;

  @BeforeAll
  static void start() throws Exception {
    alone = folder.resolve("alone");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx1g"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "tangram.cli.Main"));
    study(alone, "--jobs", 2).forEach(argument -> command.add(argument.toString()));
    Path log = folder.resolve("alone.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(200, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(log));
    spark = TestCluster.shared();
  }

  private static List<Object> study(Path out, Object... more) {
    return crossval(out, "pce,full", 2, STEPS, more);
  }

  private static List<Object> crossval(
      Path out, String methods, int seeds, int steps, Object... more) {
    List<Object> all = new ArrayList<>(List.of("--folds", "none", "--methods", methods));
    all.addAll(List.of("--seeds", seeds, "--iterations", steps));
    all.addAll(List.of("--validate-every", steps, "--checkpoint-every", SAVED));
    all.addAll(List.of(more));
    return TestCluster.smallest("crossval", out, all.toArray());
  }

  private static Path metrics(Path study, String run) {
    return study.resolve("runs").resolve(run).resolve("metrics.csv");
  }

  private static void assertSame(Path actual) throws IOException {
    assertEquals(
        Files.readString(alone.resolve("table.md")), Files.readString(actual.resolve("table.md")));
    for (String run : RUNS) {
      Path a = alone.resolve("runs").resolve(run);
      Path b = actual.resolve("runs").resolve(run);
      for (String file : List.of("best.safetensors", "scores.csv")) {
        assertArrayEquals(
            Files.readAllBytes(a.resolve(file)), Files.readAllBytes(b.resolve(file)), run);
      }
      assertEquals(STEPS, TestCluster.rows(metrics(actual, run)), "a row a step");
      assertTrue(Files.exists(b.resolve("report.html")));
    }
  }

  /** The lines of a run's log that tell of an attempt or where it went on. */
  private static List<String> attempts(Path study, String run) throws IOException {
    try (Stream<String> lines = Files.lines(study.resolve("runs").resolve(run + ".log"))) {
      return lines.filter(line -> line.matches("(Attempt|Continues|Begins).*")).toList();
    }
  }

  private static CompletableFuture<TestCluster.Result> begin(List<Object> command) {
    return CompletableFuture.supplyAsync(() -> spark.run(command));
  }

  private static TestCluster.Result end(CompletableFuture<TestCluster.Result> study)
      throws InterruptedException, ExecutionException, TimeoutException {
    return study.get(200, TimeUnit.SECONDS);
  }

  @Test
  @Order(1)
  void theStudyIsThatOfOneMachine() throws Exception {
    Path out = folder.resolve("cluster");
    TestCluster.Result result = spark.run(study(out)).assertDone();
    assertTrue(result.out().contains("Study     crossval: 4 runs of 150 steps"), result.out());
    assertSame(out);
    for (String run : RUNS) {
      assertEquals("Begins", attempts(out, run).get(1));
    }
    TestCluster.Result again = spark.run(study(out)).assertDone();
    assertTrue(again.out().contains("4 of them done before"), again.out());
  }

  @Test
  @Order(2)
  void onlyLoopbackListens() throws IOException {
    Set<String> listeners = Listeners.of(ProcessHandle.current());
    // Driver and its page, Master and Workers with theirs, executors.
    assertTrue(listeners.size() >= 8, listeners::toString);
    assertEquals(
        List.of(), listeners.stream().filter(listener -> !Listeners.isLoopback(listener)).toList());
  }

  @Test
  @Order(3)
  void aRunThatDivergesIsTriedOnce() throws Exception {
    Path out = folder.resolve("diverged");
    List<Object> command =
        crossval(
            out,
            "pce,full,mloss,rw",
            1,
            3,
            "--mumford-shah-weight",
            1000,
            "--learning-rate",
            "3e5");
    TestCluster.Result result = spark.run(command);
    assertEquals(1, result.code(), result.out());
    assertTrue(result.out().contains("mloss-seed-0 failed: The loss became NaN"), result.out());
    assertTrue(result.err().contains("1 of 4 runs failed (mloss-seed-0)"), result.err());
    assertEquals(2, attempts(out, "mloss-seed-0").size(), "one attempt, and how it began");
    for (String run : List.of("pce-seed-0", "full-seed-0", "rw-seed-0")) {
      assertTrue(Files.exists(out.resolve("runs").resolve(run).resolve("scores.csv")));
    }
    TestCluster.Result again = spark.run(command);
    assertEquals(1, again.code());
    assertTrue(again.out().contains("3 of them done before"), again.out());
  }

  @Test
  @Order(4)
  void aSignalLetsRunsSaveAndTheSameCommandGoesOn() throws Exception {
    Path out = folder.resolve("stopped");
    CompletableFuture<TestCluster.Result> study = begin(study(out));
    for (String run : RUNS.subList(0, 2)) {
      TestCluster.await(run, () -> TestCluster.rows(metrics(out, run)) > 2);
    }
    TestCluster.signal(ProcessHandle.current().pid(), "TERM");
    TestCluster.Result result = end(study);
    assertEquals(StopSignals.INTERRUPTED, result.code(), result.err());
    assertTrue(result.out().contains("Stopped with"), result.out());
    int stopped = 0;
    for (String run : RUNS.subList(0, 2)) {
      int rows = TestCluster.rows(metrics(out, run));
      Path checkpoint =
          out.resolve("runs").resolve(run).resolve("checkpoint-" + rows + ".safetensors");
      assertTrue(Files.exists(checkpoint), "what was done is saved: " + checkpoint);
      stopped += rows < STEPS ? 1 : 0;
    }
    assertTrue(stopped > 0, "both runs were done before the signal");
    spark.run(study(out)).assertDone();
    assertSame(out);
  }

  @Test
  @Order(5)
  void aFrozenExecutorCostsNoAttempt() throws Exception {
    Path out = folder.resolve("frozen");
    CompletableFuture<TestCluster.Result> study = begin(study(out));
    String run = RUNS.get(0);
    TestCluster.await(run, () -> TestCluster.rows(metrics(out, run)) > SAVED);
    int done = TestCluster.rows(metrics(out, run));
    ProcessHandle frozen = executorOf(out, run);
    TestCluster.signal(frozen.pid(), "STOP");
    assertTrue(FolderLock.isLocked(metrics(out, run).getParent()), "it keeps the folder");
    try {
      TestCluster.await("another attempt", () -> attemptsOf(out, run) > 1);
      // It holds the lock until it is killed.
      Thread.sleep(1000);
      assertEquals(2, attemptsOf(out, run), "the second attempt waits");
    } finally {
      frozen.destroyForcibly();
    }
    end(study).assertDone();
    assertEquals(2, attemptsOf(out, run));
    assertTrue(attempts(out, run).get(3).startsWith("Continues after step "));
    assertTrue(stepOf(attempts(out, run).get(3)) >= done - done % SAVED, "no more is lost");
    assertSame(out);
  }

  private static long attemptsOf(Path study, String run) {
    try {
      return attempts(study, run).stream().filter(line -> line.startsWith("Attempt")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int stepOf(String line) {
    return Integer.parseInt(line.replaceAll("\\D+", ""));
  }

  /** The process in which a run's last attempt is, whose log names it. */
  private static ProcessHandle executorOf(Path study, String run) throws IOException {
    String attempt =
        attempts(study, run).stream()
            .filter(line -> line.startsWith("Attempt"))
            .reduce((a, b) -> b)
            .orElseThrow();
    String option = "--executor-id " + attempt.replaceAll(".*executor ", "") + " ";
    return spark.executors().stream()
        .filter(executor -> TestCluster.commandLine(executor).contains(option))
        .findFirst()
        .orElseThrow();
  }

  /** A lost executor first, then a machine with its Worker. */
  @Test
  @Order(6)
  void whatIsKilledCostsNoMoreThanTheStepsSinceTheLastCheckpoint() throws Exception {
    Path out = folder.resolve("killed");
    CompletableFuture<TestCluster.Result> study = begin(study(out));
    List<String> killed = List.of(RUNS.get(0), RUNS.get(2));
    int[] done = new int[killed.size()];
    for (int i = 0; i < killed.size(); i++) {
      String run = killed.get(i);
      TestCluster.await(run, () -> TestCluster.rows(metrics(out, run)) > SAVED);
      ProcessHandle executor = executorOf(out, run);
      if (i == 1) {
        executor.parent().orElseThrow().destroyForcibly();
      }
      done[i] = TestCluster.rows(metrics(out, run));
      assertTrue(done[i] < STEPS, "killed too late");
      executor.destroyForcibly();
    }
    spark.machine().addWorker(1, TestCluster.MEGABYTES);
    end(study).assertDone();
    assertSame(out);
    for (int i = 0; i < killed.size(); i++) {
      List<String> lines = attempts(out, killed.get(i));
      assertEquals(4, lines.size(), lines::toString);
      assertTrue(stepOf(lines.get(3)) >= done[i] - done[i] % SAVED, lines::toString);
    }
  }
}
