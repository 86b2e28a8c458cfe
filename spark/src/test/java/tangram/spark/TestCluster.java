package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import tangram.cli.ClusterProgram;
import tangram.nn.console.Terminal;

/** Two executors of a cluster within this machine, in which tests kill what they like. */
final class TestCluster {
  private static TestCluster shared;

  static final int MEGABYTES = 512;
  private static final int TIMEOUT = 180;

  private final OneMachine machine;
  private final SparkCluster cluster = new SparkCluster();

  /** The cluster of all tests, which ends with the process: starting one takes a while. */
  static synchronized TestCluster shared() {
    if (shared == null) {
      shared = new TestCluster();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  private TestCluster() {
    machine =
        new OneMachine(
            2,
            1,
            MEGABYTES,
            Map.of(
                "spark.network.timeout",
                "20s",
                "spark.network.timeoutInterval",
                "5s",
                "spark.executor.heartbeatInterval",
                "2s"));
  }

  record Result(int code, String out, String err) {
    Result assertDone() {
      assertEquals("", err, out);
      assertEquals(0, code, out);
      return this;
    }
  }

  OneMachine machine() {
    return machine;
  }

  SparkCluster cluster() {
    return cluster;
  }

  Result run(List<?> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, 80);
    String[] text = arguments.stream().map(Object::toString).toArray(String[]::new);
    int code = ClusterProgram.execute(Main.NAME, terminal, cluster, text);
    assertFalse(err.toString().contains("\tat "), err::toString);
    return new Result(code, out.toString(), err.toString());
  }

  /** Arguments with the settings of the smallest network. */
  static List<Object> smallest(String command, Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of(command, "--out", out));
    arguments.addAll(List.of("--image-size", 32, "--batch", 8, "--encoder-width", 8));
    arguments.addAll(List.of("--unet-channels", "16,16,8,8,8", "--phantom-patients", 2));
    List<Object> given = Arrays.asList(more);
    boolean ofPaper = given.contains("pclmix") || command.equals("ablate");
    if (ofPaper) {
      arguments.addAll(List.of("--swin-dim", 12, "--embedding-dim", 16));
    }
    arguments.addAll(given);
    return arguments;
  }

  /** The executors' processes, of a Worker or of all. */
  List<ProcessHandle> executors() {
    return machine.processes().stream()
        .filter(Process::isAlive)
        .flatMap(worker -> worker.toHandle().descendants())
        .filter(ProcessHandle::isAlive)
        .filter(child -> commandLine(child).contains("CoarseGrainedExecutorBackend"))
        .toList();
  }

  /** How a process was started; Java itself does not tell of long ones. */
  static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).replace('\0', ' ');
    } catch (IOException e) {
      // It ended meanwhile.
      return "";
    }
  }

  /** Sends a signal to a process. */
  static void signal(long pid, String name) throws Exception {
    assertEquals(0, new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start().waitFor());
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TIMEOUT * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "waited in vain for " + what);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Number of rows of a table; 0 where there is none. */
  static int rows(Path csv) {
    try {
      return Files.exists(csv) ? Files.readAllLines(csv).size() - 1 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void close() {
    cluster.close();
    machine.close();
  }
}
