package tangram.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;

/** The commands that a {@link Cluster} can do, with the options that they have in {@link Main}. */
@Command(
    description = "Trains, compares and segments as 'pclmix' does, on a cluster.",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class ClusterProgram implements Runnable {
  @Spec private CommandSpec spec;

  private ClusterProgram() {}

  /**
   * Runs a command and exits with its code.
   *
   * @param name of the program, for messages
   */
  public static void run(String name, Cluster cluster, String... args) {
    Program.run(terminal -> commandLine(name, terminal, cluster), args);
  }

  /**
   * Runs a command.
   *
   * @return the exit code
   */
  public static int execute(String name, Terminal terminal, Cluster cluster, String... args) {
    return Program.execute(commandLine(name, terminal, cluster), args);
  }

  /** The version of the program, for records of what trained. */
  public static String version() {
    return "pclmix " + Build.version();
  }

  /** The whole command line. */
  static CommandLine commandLine(String name, Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new ClusterProgram());
    line.setCommandName(name);
    line.addSubcommand(CrossvalCommand.commandLine(terminal, cluster));
    line.addSubcommand(AblateCommand.commandLine(terminal, cluster));
    line.addSubcommand(SensitivityCommand.commandLine(terminal, cluster));
    line.addSubcommand(ClusterTrainCommand.commandLine(terminal, cluster));
    line.addSubcommand(ClusterPredictCommand.commandLine(terminal, cluster));
    return Program.configure(line, terminal);
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw Program.withoutCommand(spec);
  }
}
