package tangram.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;

/** The command {@code pclmix}. */
@Command(
    name = "pclmix",
    description = "Segments cardiac MRI after training on scribbles (PCLMix).",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:a file, the data, the device or the training is at fault; one sentence says why",
      "2:an option is unknown or has an impossible value",
      "70:a bug; please report the stack trace",
      "130:interrupted"
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    Program.run(Main::commandLine, args);
  }

  /** The whole command line, writing to a terminal. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(TrainCommand.commandLine(terminal));
    line.addSubcommand(new AnnotateCommand(terminal));
    line.addSubcommand(new ReportCommand(terminal));
    line.addSubcommand(EvaluateCommand.commandLine(terminal));
    line.addSubcommand(PredictCommand.commandLine(terminal));
    line.addSubcommand(new ExportCommand(terminal));
    line.addSubcommand(CrossvalCommand.commandLine(terminal, null));
    line.addSubcommand(AblateCommand.commandLine(terminal, null));
    line.addSubcommand(SensitivityCommand.commandLine(terminal, null));
    line.addSubcommand(new PrepareCommand(terminal));
    line.addSubcommand(new PhantomCommand(terminal));
    line.addSubcommand(new ImportEncoderCommand(terminal));
    line.addSubcommand(new DevicesCommand(terminal));
    return Program.configure(line, terminal);
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw Program.withoutCommand(spec);
  }
}
