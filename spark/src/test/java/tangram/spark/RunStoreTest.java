package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors that share no folder end with what those that do end with. */
@Timeout(300)
class RunStoreTest {
  private static final int STEPS = 60;
  private static final List<String> RUNS = List.of("pce-fold-1-seed-0", "pce-fold-2-seed-0");

  @TempDir private Path folder;
  private final TestCluster spark = TestCluster.shared();

  @BeforeEach
  void store() {
    System.setProperty(RunStore.SETTING, folder.resolve("store").toUri().toString());
  }

  @AfterEach
  void noStore() {
    System.clearProperty(RunStore.SETTING);
  }

  private List<Object> training(Path out) {
    List<Object> more = new ArrayList<>(List.of("--method", "pce", "--iterations", STEPS));
    more.addAll(List.of("--validate-every", STEPS, "--checkpoint-every", 4));
    more.addAll(List.of("--shards", 2, "--workers", 2));
    return TestCluster.smallest("train", out, more.toArray());
  }

  /** Two folds, whose phantoms the command writes to files. */
  private List<Object> study(Path out) {
    List<Object> more = new ArrayList<>(List.of("--folds", "1,2", "--methods", "pce"));
    more.addAll(List.of("--iterations", STEPS));
    more.addAll(List.of("--validate-every", STEPS, "--checkpoint-every", 4));
    more.addAll(List.of("--held-out", 1));
    List<Object> all = TestCluster.smallest("crossval", out, more.toArray());
    all.set(all.indexOf("--phantom-patients") + 1, 6);
    return all;
  }

  private static void assertSame(Path expected, Path actual) throws IOException {
    assertEquals(
        Files.readString(expected.resolve("scores.csv")),
        Files.readString(actual.resolve("scores.csv")));
    assertArrayEquals(weights(expected), weights(actual));
    assertEquals(STEPS, TestCluster.rows(actual.resolve("metrics.csv")), "a row a step");
    assertTrue(Files.exists(actual.resolve("report.html")));
  }

  /** All numbers of the best weights; the header before them names the data's folder. */
  private static byte[] weights(Path run) throws IOException {
    byte[] bytes = Files.readAllBytes(run.resolve("best.safetensors"));
    long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(bytes, (int) (Long.BYTES + header), bytes.length);
  }

  /** Checkpoints of runs in the store. */
  private List<Path> checkpoints() {
    Path store = folder.resolve("store");
    if (!Files.exists(store)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(store)) {
      return files.filter(file -> file.getFileName().toString().startsWith("checkpoint-")).toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      // Something was removed meanwhile.
      return List.of();
    }
  }

  private long filesInStore() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void aStudyWhoseExecutorsAreKilled() throws Exception {
    Path shared = folder.resolve("shared");
    System.clearProperty(RunStore.SETTING);
    spark.run(study(shared)).assertDone();
    store();
    Path out = folder.resolve("study");
    CompletableFuture<TestCluster.Result> study =
        CompletableFuture.supplyAsync(() -> spark.run(study(out)));
    TestCluster.await("checkpoints", () -> checkpoints().size() > 1);
    assertFalse(Files.exists(out.resolve("runs/" + RUNS.get(0))), "executors write elsewhere");
    TestCluster.signal(spark.executors().get(0).pid(), "KILL");
    study.get(200, TimeUnit.SECONDS).assertDone();
    List<String> attempts = new ArrayList<>();
    for (String run : RUNS) {
      assertSame(shared.resolve("runs").resolve(run), out.resolve("runs").resolve(run));
      try (Stream<String> lines = Files.lines(out.resolve("runs").resolve(run + ".log"))) {
        lines.filter(line -> line.startsWith("Continues after step")).forEach(attempts::add);
      }
    }
    assertFalse(attempts.isEmpty(), "a run went on from what the store had");
    assertEquals(List.of(), checkpoints());
    try (Stream<Path> inputs = Files.list(folder.resolve("store/inputs"))) {
      assertEquals(2, inputs.count(), "the data once, and that they are complete");
    }
  }

  @Test
  void aSharedTrainingThatIsStoppedAndGoesOn() throws Exception {
    Path plain = folder.resolve("plain");
    System.clearProperty(RunStore.SETTING);
    spark.run(training(plain)).assertDone();
    store();
    Path out = folder.resolve("run");
    CompletableFuture<TestCluster.Result> training =
        CompletableFuture.supplyAsync(() -> spark.run(training(out)));
    TestCluster.await("a checkpoint", () -> !checkpoints().isEmpty());
    RunPlugin.stop(out.toString());
    training.get(200, TimeUnit.SECONDS);
    assertEquals(0, filesInStore());
    int done = TestCluster.rows(out.resolve("metrics.csv"));
    assertTrue(done > 0 && done < STEPS, () -> "stopped after step " + done);
    spark.run(List.of("train", "--resume", out, "--workers", 2)).assertDone();
    assertSame(plain, out);
    List<String> log = Files.readAllLines(out.resolveSibling("run.log"));
    assertTrue(log.contains("Continues after step " + done), log::toString);
    assertEquals(
        2, log.stream().filter(line -> line.startsWith("Attempt 1")).count(), "one a command");
    assertEquals(
        2, log.stream().filter(line -> line.startsWith("Attempt")).count(), "no other failed");
  }

  /** What an executor finds in its copies is told of what the user named. */
  @Test
  void aDamagedFileIsNamedAsTheUserDid() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("patient001_frame01.nii.gz"), "not compressed");
    Path out = folder.resolve("bad");
    List<Object> command = training(out);
    int phantoms = command.indexOf("--phantom-patients");
    command.subList(phantoms, phantoms + 2).clear();
    command.addAll(List.of("--data", data, "--train-patients", "1", "--val-patients", "none"));
    TestCluster.Result result = spark.run(command);
    assertEquals(1, result.code(), result.out());
    assertTrue(result.err().contains(data.toString()), result.err());
    assertFalse(result.err().contains("pclmix-input"), result.err());
  }

  @Test
  void anAttemptThatAnotherFollowedWritesNoMore() throws Exception {
    RunStore store = RunStore.of(spark.cluster().context(), folder.resolve("twice"));
    try (RunStore.Copy first = store.new Copy(true)) {
      Files.writeString(first.run().resolve("metrics.csv"), "1");
      first.save();
      try (RunStore.Copy second = store.new Copy(true)) {
        Files.writeString(first.run().resolve("metrics.csv"), "12");
        assertThrows(IllegalStateException.class, first::save);
        assertEquals("1", Files.readString(second.run().resolve("metrics.csv")));
      }
    }
  }
}
