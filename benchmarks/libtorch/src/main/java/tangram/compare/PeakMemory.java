package tangram.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The largest memory that a process had resident: Linux's {@code VmHWM}. */
final class PeakMemory {
  private static final String KEY = "VmHWM:";

  private PeakMemory() {}

  /** This process's line of {@code /proc/self/status}. */
  static String line() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(l -> l.startsWith(KEY))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs the program again with other arguments and returns the peak that it prints, in MB.
   *
   * @param ofLibtorch whether libtorch computes: then the JVM is given little memory of its own
   */
  static double ofProcess(boolean ofLibtorch, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!ofLibtorch || !option.startsWith("-X")) {
        command.add(option);
      }
    }
    if (ofLibtorch) {
      command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m"));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Compare.class.getName()));
    command.addAll(arguments);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(arguments + " ended with code " + code);
      }
      return megabytes(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts a measurement", e);
    }
  }

  private static double megabytes(String output) {
    String line = output.lines().filter(l -> l.startsWith(KEY)).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
  }
}
