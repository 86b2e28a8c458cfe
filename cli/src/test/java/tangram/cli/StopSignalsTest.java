package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;

class StopSignalsTest {
  @TempDir Path folder;

  /** Says that it is ready, and then every signal that it hears; ends at the one that stops it. */
  static final class Listener {
    public static void main(String[] args) {
      Thread main = Thread.currentThread();
      Runnable stop =
          () -> {
            System.out.println("stop");
            main.interrupt();
          };
      try (StopSignals signals =
          args[0].equals("part")
              ? StopSignals.ofPart(stop, ProcessHandle.current().parent().orElseThrow().pid())
              : new StopSignals(stop)) {
        System.out.println("ready");
        rest(60_000);
        // More signals of the same terminal may come while the state is saved.
        rest(500);
        System.out.println("saved");
        System.out.flush();
        Runtime.getRuntime().halt(7);
      }
    }

    private static void rest(long millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        // What it waits for.
        Thread.interrupted();
      }
    }
  }

  @Test
  @Timeout(60)
  void aClosedTerminalAsksToStop() throws Exception {
    Process process = listen(List.of(), "alone");
    Cli.signal(process, "HUP");
    awaitLine("stop");
    Cli.signal(process, "HUP");
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(7, process.exitValue());
    assertEquals(List.of("ready", "stop", "saved"), lines());
  }

  @Test
  @Timeout(60)
  void underNohupItGoesOn() throws Exception {
    Process process = listen(List.of("nohup"), "alone");
    Cli.signal(process, "HUP");
    assertFalse(process.waitFor(500, TimeUnit.MILLISECONDS), "it ended");
    Cli.signal(process, "TERM");
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(7, process.exitValue());
    assertEquals(1, lines().stream().filter("stop"::equals).count());
  }

  @Test
  @Timeout(60)
  void aPartLeavesTheTerminalToTheWhole() throws Exception {
    Process process = listen(List.of(), "part");
    Cli.signal(process, "HUP");
    Cli.signal(process, "INT");
    assertFalse(process.waitFor(500, TimeUnit.MILLISECONDS), "it ended");
    Cli.signal(process, "TERM");
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(List.of("ready", "stop", "saved"), lines());
  }

  private Process listen(List<String> before, String argument) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Listener.class.getName(), argument));
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    awaitLine("ready");
    return process;
  }

  private void awaitLine(String line) throws Exception {
    while (!lines().contains(line)) {
      Thread.sleep(10);
    }
  }

  private List<String> lines() throws Exception {
    return Files.readAllLines(folder.resolve("output"));
  }
}
