package tangram.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.nn.AtomicFile;
import tangram.nn.console.Terminal;
import tangram.onnx.Conformance;
import tangram.onnx.OnnxModel;
import tangram.onnx.OnnxModule;
import tangram.onnx.OnnxRun;

/** What can be done with ONNX models. */
@Command(
    name = "onnx",
    description = "Runs and describes ONNX models.",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    synopsisSubcommandLabel = "COMMAND")
final class OnnxCommand implements Runnable {
  @Spec private CommandSpec spec;

  private OnnxCommand() {}

  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new OnnxCommand());
    line.addSubcommand(new Info(terminal));
    line.addSubcommand(new Run(terminal));
    line.addSubcommand(new Tests(terminal));
    return line;
  }

  @Override
  public void run() {
    throw Program.withoutCommand(spec);
  }

  /** What the commands have in common. */
  @Command(mixinStandardHelpOptions = true, versionProvider = Program.Version.class)
  private abstract static class Part implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private DeviceOptions device;

    Part(Terminal terminal) {
      this.terminal = terminal;
    }

    final OnnxModule module(Path file) {
      return new OnnxModule(OnnxModel.read(file), device.open());
    }

    final Conformance conformance(Path folder) {
      return Conformance.run(folder, device.open());
    }

    /** Shows what is printed: names come from files. */
    final void print(Consumer<PrintStream> printing) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      printing.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      terminal.out().print(bytes.toString(StandardCharsets.UTF_8));
      terminal.out().flush();
    }
  }

  @Command(name = "info", description = "Tells what a model is, takes and gives.")
  private static final class Info extends Part {
    @Parameters(paramLabel = "MODEL", description = "File .onnx.")
    private Path model;

    Info(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      OnnxModule module = module(model);
      print(module::describe);
      return 0;
    }
  }

  @Command(
      name = "run",
      description = "Computes a model once and shows what it takes and gives, and the time.")
  private static final class Run extends Part {
    @Parameters(paramLabel = "MODEL", description = "File .onnx.")
    private Path model;

    @Option(
        names = "--input",
        paramLabel = "NAME=FILE",
        description =
            "An input: an array of NumPy (.npy) or a tensor of ONNX (.pb). Inputs that are not named"
                + " are made up: random numbers of the declared shape, with 1 for unknown sizes.")
    private Map<String, Path> inputs = Map.of();

    @Option(
        names = "--output",
        paramLabel = "FOLDER",
        description = "Where the outputs are written, each as NAME.npy.")
    private Path output;

    Run(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      OnnxModule module = module(model);
      if (output != null) {
        AtomicFile.makeFolder(output);
      }
      print(out -> OnnxRun.run(module, inputs, output, out));
      return 0;
    }
  }

  @Command(
      name = "conformance",
      description = {
        "Runs conformance tests: all folders below FOLDER with a model.onnx and folders"
            + " test_data_set_N of inputs and expected outputs, as those of ONNX itself.",
        "The exit code is 1 if an output differs; tests that are refused are listed."
      })
  private static final class Tests extends Part {
    @Parameters(paramLabel = "FOLDER", description = "Folder of tests, or of folders of them.")
    private Path folder;

    Tests(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      Conformance conformance = conformance(folder);
      print(conformance::print);
      return conformance.count(Conformance.Outcome.WRONG) == 0 ? 0 : Program.FAILED;
    }
  }
}
