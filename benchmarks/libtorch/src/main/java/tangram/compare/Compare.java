package tangram.compare;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code benchmarks/compare}. */
@Command(
    name = "benchmarks/compare",
    description =
        "Measures Tangram and libtorch alternately in one run, with as many threads each, and ends"
            + " with the geometric mean of the ratios of their times: below 1, Tangram is faster.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      GemmCommand.class,
      ConvCommand.class,
      LayersCommand.class,
      ArraysCommand.class,
      StepCommand.class,
      ModelsCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all was measured",
      "1:the two sides computed different numbers; one sentence says where",
      "2:an option is unknown or has an impossible value",
      "70:a bug; please report the stack trace"
    })
public final class Compare implements Runnable {
  private static final int DISAGREEMENT = 1;
  private static final int BUG = 70;

  @Spec private CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
  private boolean help;

  /** Runs a comparison and exits with its code. */
  public static void main(String[] args) {
    CommandLine line = commandLine();
    int code = line.execute(args);
    line.getOut().flush();
    System.exit(code);
  }

  /** The whole command line. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Compare());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setParameterExceptionHandler((e, args) -> usage(e));
    line.setExecutionExceptionHandler((e, at, parsed) -> failed(e, at));
    return line;
  }

  private static int usage(ParameterException e) {
    CommandLine at = e.getCommandLine();
    String name = at.getCommandSpec().qualifiedName();
    at.getErr().println(name + ": " + e.getMessage() + "; see " + name + " --help.");
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine at) {
    if (e instanceof DisagreementException) {
      at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + e.getMessage());
      return DISAGREEMENT;
    }
    e.printStackTrace(at.getErr());
    return BUG;
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
  }
}
