package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;

/** One run by several executors has the bits of one by one, whatever happens to them. */
@Timeout(300)
@TestMethodOrder(OrderAnnotation.class)
class WorkersTest {
  private static final int STEPS = 12;

  @TempDir private static Path folder;
  private final TestCluster spark = TestCluster.shared();

  private static List<Object> train(String name, String method, int steps, int workers) {
    List<Object> more = new ArrayList<>(List.of("--method", method, "--shards", 4));
    more.addAll(List.of("--workers", workers, "--iterations", steps));
    more.addAll(List.of("--validate-every", steps, "--checkpoint-every", 4));
    return TestCluster.smallest("train", folder.resolve(name), more.toArray());
  }

  private static void assertSame(String expected, String actual, int steps) throws IOException {
    Path a = folder.resolve(expected);
    Path b = folder.resolve(actual);
    for (String file : List.of("checkpoint-" + steps + ".safetensors", "best.safetensors")) {
      assertArrayEquals(
          Files.readAllBytes(a.resolve(file)), Files.readAllBytes(b.resolve(file)), file);
    }
    assertEquals(losses(a), losses(b));
  }

  private static String losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .collect(Collectors.joining("\n"));
  }

  @Test
  @Order(1)
  void anyNumberOfWorkersHasTheSameBits() throws IOException {
    for (String method : List.of("pce", "full", "pclmix")) {
      for (int workers : new int[] {1, 2}) {
        TestCluster.Result result =
            spark.run(train(method + workers, method, STEPS, workers)).assertDone();
        assertTrue(result.out().contains("Workers   " + workers + ", 4 shards"), result.out());
        assertTrue(result.out().contains("Best weights on the validation volumes:"), result.out());
        assertTrue(result.out().contains("report.html       all of this"), result.out());
      }
      assertSame(method + 1, method + 2, STEPS);
      assertTrue(Files.exists(folder.resolve(method + "2/report.html")));
    }
  }

  @Test
  @Order(2)
  void aWorkerThatIsKilledCostsNoMoreThanTheStepsSinceTheLastCheckpoint() throws Exception {
    int steps = 60;
    spark.run(train("whole", "pce", steps, 1)).assertDone();
    CompletableFuture<TestCluster.Result> run =
        CompletableFuture.supplyAsync(() -> spark.run(train("killed", "pce", steps, 2)));
    Path metrics = folder.resolve("killed/metrics.csv");
    TestCluster.await("steps", () -> TestCluster.rows(metrics) > 6);
    spark.executors().get(1).destroyForcibly();
    run.get(200, TimeUnit.SECONDS).assertDone();
    assertSame("whole", "killed", steps);
    String log = Files.readString(folder.resolve("killed.log"));
    assertTrue(log.contains("Continues after step "), log);
    assertEquals(4, log.lines().filter(line -> line.startsWith("Attempt")).count(), log);
  }

  @Test
  @Order(3)
  void stoppedWithTwoItGoesOnWithOne() throws Exception {
    int steps = 60;
    spark.run(train("alone", "pce", steps, 1)).assertDone();
    CompletableFuture<TestCluster.Result> run =
        CompletableFuture.supplyAsync(() -> spark.run(train("stopped", "pce", steps, 2)));
    Path metrics = folder.resolve("stopped/metrics.csv");
    TestCluster.await("steps", () -> TestCluster.rows(metrics) > 6);
    TestCluster.signal(ProcessHandle.current().pid(), "TERM");
    TestCluster.Result result = run.get(200, TimeUnit.SECONDS);
    assertEquals(StopSignals.INTERRUPTED, result.code(), result.err());
    int done = TestCluster.rows(metrics);
    assertTrue(done < steps, "stopped too late");
    assertTrue(Files.exists(folder.resolve("stopped/checkpoint-" + done + ".safetensors")));
    spark.run(List.of("train", "--resume", folder.resolve("stopped"))).assertDone();
    assertSame("alone", "stopped", steps);
  }

  @Test
  @Order(4)
  void whatAWorkerCannotDoIsOneSentence() {
    List<Object> command = train("bad", "pce", STEPS, 2);
    command.addAll(List.of("--encoder-weights", folder.resolve("none.safetensors")));
    TestCluster.Result result = spark.run(command);
    assertEquals(1, result.code(), result.out());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains("none.safetensors"), result.err());
    result = spark.run(train("bad", "pce", STEPS, 3));
    assertEquals(2, result.code());
    assertTrue(result.err().contains("--workers must be a power of two"), result.err());
  }

  /** Last: the other tests have two executors. */
  @Test
  @Order(5)
  void fourWorkersToo() throws IOException {
    spark.machine().addWorker(1, TestCluster.MEGABYTES);
    spark.machine().addWorker(1, TestCluster.MEGABYTES);
    spark.run(train("pclmix4", "pclmix", STEPS, 4)).assertDone();
    assertSame("pclmix1", "pclmix4", STEPS);
  }
}
