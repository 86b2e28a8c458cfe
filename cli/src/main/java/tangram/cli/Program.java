package tangram.cli;

import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.nn.data.DataException;
import tangram.nn.training.DivergenceException;
import tangram.onnx.OnnxException;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spelling;
import tangram.pclmix.training.SettingException;
import tangram.tensor.DeviceException;
import tangram.web.http.PortException;

/** What the commands of all programs here have in common: how they run, and how they fail. */
final class Program {
  /** Something outside the program is at fault. */
  static final int FAILED = 1;

  /** The command line is at fault. */
  static final int USAGE = 2;

  /** The program is at fault. */
  static final int BUG = 70;

  private static final List<Class<? extends Exception>> FOR_THE_USER =
      List.of(
          ClusterException.class,
          DataException.class,
          DeviceException.class,
          DivergenceException.class,
          FileFormatException.class,
          FileWriteException.class,
          OnnxException.class,
          OnnxException.Unsupported.class,
          PortException.class,
          tangram.nn.data.DataException.class);

  private Program() {}

  /**
   * Runs a command and exits with its code.
   *
   * @param commands the whole command line, writing to a terminal
   */
  static void run(Function<Terminal, CommandLine> commands, String... args) {
    System.setProperty("java.awt.headless", "true");
    Terminal.eraseIncubatorWarning();
    StandardOutput output = new StandardOutput();
    Terminal terminal = Terminal.ofProcess(output);
    CommandLine line = commands.apply(terminal);
    String problem = LocaleCheck.problem(args);
    int code = FAILED;
    if (problem == null) {
      code = execute(line, args);
    } else {
      terminal.err().println(line.getCommandName() + ": " + Visible.of(problem));
    }
    terminal.out().flush();
    System.exit(output.code(code, line));
  }

  /**
   * Makes a command line, with its commands, write to a terminal and tell of errors in a sentence.
   */
  static CommandLine configure(CommandLine line, Terminal terminal) {
    line.setOut(terminal.out());
    line.setErr(terminal.err());
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(Math.max(80, Math.min(terminal.width(), 110)));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOverwrittenOptionsAllowed(false);
    line.setParameterExceptionHandler((e, args) -> usage(e));
    line.setExecutionExceptionHandler((e, at, parsed) -> failed(e, at));
    return line;
  }

  /** Runs a command; whatever happens becomes an exit code. */
  static int execute(CommandLine line, String... args) {
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      line.getErr()
          .println(
              line.getCommandName()
                  + ": out of memory ("
                  + e.getMessage()
                  + "); choose smaller inputs: for training a smaller --batch, --image-size or"
                  + " preset.");
      return FAILED;
    } catch (Error e) {
      e.printStackTrace(line.getErr());
      return BUG;
    }
  }

  /** What to throw where a command is nothing without one of its own. */
  static ParameterException withoutCommand(CommandSpec spec) {
    return new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  private static int usage(ParameterException e) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    StringBuilder text = new StringBuilder(name).append(": ").append(sentence(e));
    if (e instanceof UnmatchedArgumentException) {
      List<String> like = ((UnmatchedArgumentException) e).getSuggestions();
      if (!like.isEmpty()) {
        text.append("; did you mean ").append(String.join(" or ", like)).append('?');
      }
    }
    if (Character.isLetterOrDigit(text.charAt(text.length() - 1))
        || "')]".indexOf(text.charAt(text.length() - 1)) >= 0) {
      text.append("; see ").append(name).append(" --help.");
    }
    line.getErr().println(Visible.of(text));
    return USAGE;
  }

  /** The library's message on one line. */
  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException && e.getCommandLine().getParent() == null) {
      String argument = ((UnmatchedArgumentException) e).getUnmatched().get(0);
      if (!argument.startsWith("-")) {
        return "there is no command '" + argument + "'";
      }
    }
    String message = e.getMessage();
    return (message == null ? e.toString() : message).replaceAll("\\s*\\R\\s*", " ").strip();
  }

  private static int failed(Exception e, CommandLine at) {
    if (e instanceof SettingException) {
      tell(at, e);
      return USAGE;
    }
    if (FOR_THE_USER.contains(e.getClass())) {
      tell(at, e);
      return FAILED;
    }
    if (e instanceof InvalidPathException) {
      at.getErr()
          .println(
              at.getCommandSpec().qualifiedName()
                  + ": "
                  + Visible.of(Spelling.sentence(((InvalidPathException) e).getInput())));
      return FAILED;
    }
    e.printStackTrace(at.getErr());
    return BUG;
  }

  /** Writes an error's message, for a user to read, on a line of its own. */
  static void tell(CommandLine at, Exception e) {
    at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + Visible.of(e.getMessage()));
  }

  /** Tells of data that were left out or are doubtful. */
  static void tell(Terminal terminal, Notices notices) {
    notices.remarks().forEach(remark -> terminal.out().println(Visible.of(remark)));
    terminal.out().flush();
    notices.warnings().forEach(terminal::warn);
  }

  /** The version of the program and of Java. */
  static final class Version implements IVersionProvider {
    @Spec private CommandSpec spec;

    @Override
    public String[] getVersion() {
      return new String[] {
        spec.root().name() + " " + Build.version(),
        "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
      };
    }
  }
}
