package tangram.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;

/** The command {@code tangram}; its launcher runs JShell and programs of one file by itself. */
@Command(
    name = "tangram",
    description = "Arrays and neural networks in Java.",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nWithout a command:%n",
    footer = {
      "  tangram            JShell with Tangram imported",
      "  tangram FILE.java  runs a program of one file"
    })
public final class Tangram implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    Program.run(Tangram::commandLine, args);
  }

  /** The whole command line, writing to a terminal. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new Tangram());
    line.addSubcommand(OnnxCommand.commandLine(terminal));
    line.addSubcommand(new DevicesCommand(terminal));
    return Program.configure(line, terminal);
  }

  /** The launcher takes care of having no command. */
  @Override
  public void run() {
    throw Program.withoutCommand(spec);
  }
}
