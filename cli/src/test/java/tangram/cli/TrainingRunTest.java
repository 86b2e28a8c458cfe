package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.console.StopSignals;
import tangram.tensor.vector.VectorDevice;

/** Runs of the smallest network: what they leave, and that interruptions leave no trace. */
class TrainingRunTest {
  private static final int ITERATIONS = 24;
  private static final String LAST = "checkpoint-" + ITERATIONS + ".safetensors";
  private static final Object[] SETTINGS = {
    "--iterations", ITERATIONS, "--validate-every", 9, "--checkpoint-every", 4
  };

  @TempDir private static Path shared;
  private static Path undisturbed;
  private static Cli.Result result;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    undisturbed = shared.resolve("undisturbed");
    result = Cli.run(Cli.trainOnPhantoms(undisturbed, with("--threads", 2))).assertDone();
  }

  @AfterEach
  void allThreads() {
    VectorDevice.setThreads(Runtime.getRuntime().availableProcessors());
  }

  private static void assertSameRun(Path run) throws IOException {
    for (String name : new String[] {"best.safetensors", LAST, "scores.csv", "slices.png"}) {
      assertArrayEquals(
          Files.readAllBytes(undisturbed.resolve(name)),
          Files.readAllBytes(run.resolve(name)),
          name + " has other bits");
    }
    assertEquals(withoutSeconds(undisturbed, "metrics.csv"), withoutSeconds(run, "metrics.csv"));
    assertEquals(
        withoutSeconds(undisturbed, "validation.csv"), withoutSeconds(run, "validation.csv"));
  }

  /** The rows but for their last column, the time they took. */
  private static List<String> withoutSeconds(Path run, String name) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve(name))) {
      return lines.map(line -> line.substring(0, line.lastIndexOf(','))).toList();
    }
  }

  @Test
  void aProfileTellsWhereTheTimeGoesAndChangesNothing() throws IOException {
    Path run = folder.resolve("run");
    Cli.Result profiled = Cli.run(Cli.trainOnPhantoms(run, with("--profile"))).assertDone();
    assertSameRun(run);
    for (String text :
        new String[] {
          "mean over 13 of the steps after the first 10",
          "convolutionWeightGradient 3x3",
          "attention",
          "outside kernels",
          "Java heap allocated in a step",
          "memory of tensors at its most",
          "held before"
        }) {
      assertTrue(profiled.out().contains(text), text + " is not in " + profiled.out());
    }
  }

  @Test
  void tellsWhatItUsesAndLeaves() throws IOException {
    for (String text :
        new String[] {
          "20 slices of 2 patients, 32x32",
          "10 volumes of 10 patients",
          "vector: CPU",
          "parameters",
          "Mean (standard deviation) over 10 volumes.",
          "pclmix evaluate --model " + undisturbed.resolve("best.safetensors")
        }) {
      assertTrue(result.out().contains(text), text + " is not in " + result.out());
    }
    assertEquals(3, result.out().lines().filter(line -> line.startsWith("step ")).count());
    assertEquals(ITERATIONS + 1, Files.readAllLines(undisturbed.resolve("metrics.csv")).size());
    assertEquals(4, Files.readAllLines(undisturbed.resolve("validation.csv")).size());
    assertTrue(ImageIO.read(undisturbed.resolve("slices.png").toFile()).getWidth() > 4 * 192);
  }

  @Test
  void evaluationReproducesTheFigures() throws IOException {
    Path csv = folder.resolve("scores.csv");
    Path montage = folder.resolve("slices.png");
    Cli.Result evaluation =
        Cli.run(
                "evaluate",
                "--model",
                undisturbed.resolve("best.safetensors"),
                "--csv",
                csv,
                "--montage",
                montage)
            .assertDone();
    assertTrue(result.out().contains(evaluation.out()), evaluation.out());
    assertArrayEquals(
        Files.readAllBytes(undisturbed.resolve("scores.csv")), Files.readAllBytes(csv));
    assertArrayEquals(
        Files.readAllBytes(undisturbed.resolve("slices.png")), Files.readAllBytes(montage));
  }

  @Test
  void threadsDoNotChangeBits() throws IOException {
    for (int threads : new int[] {1, 4}) {
      Path run = folder.resolve("threads" + threads);
      Cli.run(Cli.trainOnPhantoms(run, with("--threads", threads))).assertDone();
      assertEquals(threads, VectorDevice.threads());
      assertSameRun(run);
    }
  }

  /** Before the first checkpoint, between two, and after a validation; each resumed and killed. */
  @Test
  @Timeout(240)
  void killedAndResumedIsAsLeftAlone() throws Exception {
    Path run = folder.resolve("killed");
    Process process = start(run);
    for (int steps : new int[] {1, 6, 10}) {
      awaitSteps(process, run, steps);
      // Now and then in the middle of writing.
      Thread.sleep(ThreadLocalRandom.current().nextInt(20));
      process.destroyForcibly().waitFor();
      assertTrue(steps(run) < ITERATIONS, "the run was over before it could be killed");
      if (steps < 10) {
        process = Cli.start(folder.resolve("output"), "train", "--resume", run, "--threads", 1);
      }
    }
    assertEquals(0, Cli.run("train", "--resume", run, "--threads", 1).code());
    assertSameRun(run);
    try (Stream<Path> files = Files.list(run)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), "leftovers stayed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "HUP"})
  @Timeout(120)
  void interruptedAndResumedIsAsLeftAlone(String signal) throws Exception {
    Path run = folder.resolve("interrupted");
    Process process = start(run);
    awaitSteps(process, run, 5);
    Cli.signal(process, signal);
    if (signal.equals("HUP")) {
      // As a shell and the system both do when a terminal is closed.
      Cli.signal(process, signal);
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the signal did not end the run");
    String output = Files.readString(folder.resolve("output"));
    assertEquals(StopSignals.INTERRUPTED, process.exitValue(), output);
    int steps = steps(run);
    assertTrue(steps < ITERATIONS, "the run was over before it could be interrupted");
    assertTrue(output.contains("Stopped after step " + steps + " of " + ITERATIONS), output);
    assertTrue(output.contains("pclmix train --resume " + run), output);
    assertTrue(Files.exists(run.resolve("checkpoint-" + steps + ".safetensors")));
    Cli.run("train", "--resume", run).assertDone();
    assertSameRun(run);
  }

  @Test
  void aRunThatIsDoneIsScoredAgain() throws IOException {
    Path run = folder.resolve("done");
    Files.createDirectory(run);
    try (Stream<Path> files = Files.list(undisturbed)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(file.getFileName()));
      }
    }
    Files.delete(run.resolve("scores.csv"));
    Cli.run("train", "--resume", run).assertDone();
    assertSameRun(run);
  }

  @Test
  void withoutTransformerSupervision() throws IOException {
    Path run = folder.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 1, "--no-transformer-supervision"))
        .assertDone();
    assertTrue(
        Files.readAllLines(run.resolve("config.properties"))
            .contains("transformer-supervision = false"));
  }

  @Test
  void divergenceIsNoBug() {
    Path run = folder.resolve("diverges");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 20, "--learning-rate", "1e38"))
        .assertFailed(Program.FAILED, "loss became", "--learning-rate");
  }

  private static Object[] with(Object... more) {
    return Stream.concat(Stream.of(SETTINGS), Stream.of(more)).toArray();
  }

  private Process start(Path run) throws IOException {
    return Cli.start(folder.resolve("output"), Cli.trainOnPhantoms(run, SETTINGS));
  }

  private void awaitSteps(Process process, Path run, int steps) throws Exception {
    while (steps(run) < steps) {
      assertTrue(process.isAlive(), () -> "the run ended early; see " + folder.resolve("output"));
      Thread.sleep(2);
    }
  }

  private static int steps(Path run) throws IOException {
    Path metrics = run.resolve("metrics.csv");
    return Files.exists(metrics) ? Files.readAllLines(metrics).size() - 1 : 0;
  }
}
