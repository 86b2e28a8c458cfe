package tangram.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.FileWriteException;

/** Starts this program again in processes of their own, with the options Java was started with. */
final class ChildJava {
  private static final String MODULE = "tangram.cli";

  private ChildJava() {}

  /**
   * Starts a command of this program.
   *
   * @param arguments of the command line
   * @param memoryPercent part of the machine's memory that its Java heap may take
   * @param log receives what it writes, after what is there
   * @throws FileWriteException if it cannot be started or the log cannot be written
   */
  static Process start(List<String> arguments, int memoryPercent, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Java tells these, but does not take them.
      if (!option.startsWith("-Djdk.module.")) {
        command.add(option);
      }
    }
    // The last one counts.
    command.add("-XX:MaxRAMPercentage=" + memoryPercent);
    command.add("-XX:InitialRAMPercentage=" + memoryPercent);
    command.add("-Dtangram.outputToTerminal=false");
    command.add("-Dtangram.errorsToTerminal=false");
    if (MODULE.equals(System.getProperty("jdk.module.main"))) {
      command.addAll(List.of("-m", MODULE + "/" + Main.class.getName()));
    } else {
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Main.class.getName());
    }
    command.addAll(arguments);
    try {
      Files.createDirectories(log.getParent());
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new FileWriteException(
          log + ": a run cannot be started (" + e.getMessage() + "); correct that and start again.",
          e);
    }
  }
}
