package tangram.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;
import tangram.onnx.OnnxWriter;
import tangram.pclmix.training.ModelExport;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Devices;

/** Writes the part of trained weights that segments, to be shared or run elsewhere. */
@Command(
    name = "export",
    description = {
      "Writes what inference needs of trained weights: encoder and U-Net decoder, and the settings of"
          + " the run without its paths.",
      "As safetensors 'evaluate' and 'predict' read it like the original; as ONNX other programs"
          + " run it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Weights that training wrote: best.safetensors.")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to write; an earlier file is replaced.")
  private Path out;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "safetensors or onnx (default: the extension of --out).")
  private String format;

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private enum Format {
    SAFETENSORS,
    ONNX;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws IOException {
    Format chosen = format();
    out = OutputFile.replaceable(out);
    if (Files.exists(out) && Files.exists(model) && Files.isSameFile(out, model)) {
      throw usage("--out names the file to read; choose another.");
    }
    TrainedModel trained = TrainedModel.load(model, Devices.get(Devices.DEFAULT));
    if (chosen == Format.ONNX) {
      ModelExport.writeOnnx(trained, out);
    } else {
      ModelExport.writeSafeTensors(trained, out);
    }
    terminal
        .out()
        .printf(
            Locale.ROOT,
            "%s: encoder and U-Net decoder, %,d parameters, %.1f MB%n",
            out,
            trained.network().parameterCount(),
            Files.size(out) * 1e-6);
    if (chosen == Format.ONNX) {
      terminal
          .out()
          .printf(
              Locale.ROOT,
              "  opset %d, input '%s' [N, 1, H, W], output '%s' [N, %d, H, W]%n",
              OnnxWriter.OPSET,
              ModelExport.IMAGE,
              ModelExport.LOGITS,
              trained.config().labels().count());
    }
    return 0;
  }

  private Format format() {
    String name = out.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(Format.values())
        .filter(
            f -> format == null ? name.endsWith("." + f.key()) : format.equalsIgnoreCase(f.key()))
        .findFirst()
        .orElseThrow(
            () ->
                usage(
                    format == null
                        ? "--out must end with .safetensors or .onnx, or --format tell which it is,"
                            + " not '"
                            + out
                            + "'."
                        : "--format must be safetensors or onnx, not '" + format + "'."));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
