package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tangram.nn.console.Terminal;

/** Runs the command line within the tests' process. */
final class Cli {
  /** A network and images so small that a step takes milliseconds. */
  private static final String[] SMALLEST = {
    "--image-size", "32",
    "--batch", "4",
    "--encoder-width", "8",
    "--unet-channels", "16,16,8,8,8",
    "--swin-dim", "12",
    "--embedding-dim", "16"
  };

  private Cli() {}

  /** What came of a command. */
  record Result(int code, String out, String err) {
    /** Checks that the command failed with one sentence that holds these words. */
    void assertFailed(int expected, Object... words) {
      assertEquals(expected, code, err);
      assertEquals(1, err.lines().count(), err);
      assertTrue(err.strip().endsWith(".") || err.strip().endsWith("?"), err);
      for (Object word : words) {
        assertTrue(err.contains(word.toString()), "'" + word + "' is not in: " + err);
      }
    }

    /** Checks that the command succeeded without complaint. */
    Result assertDone() {
      assertEquals("", err);
      assertEquals(0, code, out);
      return this;
    }
  }

  static Result run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, 80);
    String[] text = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int code = Program.execute(Main.commandLine(terminal), text);
    assertFalse(err.toString().contains("\tat "), err::toString);
    return new Result(code, out.toString(), err.toString());
  }

  /** Runs the command line in a process of its own, which writes to a file. */
  static Process start(Path output, Object... arguments) throws IOException {
    return startWith(List.of(), output, arguments);
  }

  /** As {@link #start}, with options of Java. */
  static Process startWith(List<String> options, Path output, Object... arguments)
      throws IOException {
    List<String> command = command(arguments);
    command.addAll(1, options);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /**
   * Runs a script of the shell in a folder, with a locale, where {@code "$@"} runs the command line
   * in a process of its own.
   */
  static Result shell(Path folder, String locale, String script, Object... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(command(arguments));
    Path out = Files.createTempFile("out", null);
    Path err = Files.createTempFile("err", null);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("LC_ALL", locale);
    int code = builder.start().waitFor();
    // Java says this whatever the program does.
    String errors =
        Files.readAllLines(err).stream()
            .filter(line -> !line.contains("incubator modules"))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    Result result = new Result(code, Files.readString(out), errors);
    Files.delete(out);
    Files.delete(err);
    return result;
  }

  private static List<String> command(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx1g"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /** Sends a signal to a process. */
  static void signal(Process process, String name) throws IOException, InterruptedException {
    assertEquals(
        0, new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor());
  }

  /** Arguments of a training run of the smallest network on two phantoms. */
  static Object[] trainOnPhantoms(Path out, Object... more) {
    return train(out, Stream.concat(Stream.of("--phantom-patients", 2), Stream.of(more)).toArray());
  }

  /** Arguments of a training run of the smallest network. */
  static Object[] train(Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--out", out));
    arguments.addAll(List.of(SMALLEST));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }
}
