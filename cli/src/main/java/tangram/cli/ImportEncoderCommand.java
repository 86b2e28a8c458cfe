package tangram.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.nn.Init;
import tangram.nn.SafeTensors;
import tangram.nn.console.Terminal;
import tangram.nn.model.EncoderWeights;
import tangram.nn.model.ResNet;
import tangram.tensor.Devices;

/** Checks and converts weights of a ResNet for {@code train --encoder-weights}. */
@Command(
    name = "import-encoder",
    description = {
      "Checks weights of a ResNet-18, 34 or 50 with torchvision's names, such as one trained on"
          + " ImageNet, and writes them for images of one channel: the stem summed over the colours,"
          + " without the classifier.",
      "'train --encoder-weights' reads the result, and the original too."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class ImportEncoderCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "Weights as safetensors.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to write, as safetensors; an earlier file is replaced.")
  private Path out;

  ImportEncoderCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    out = OutputFile.replaceable(out);
    if (Files.exists(out) && Files.exists(file) && Files.isSameFile(out, file)) {
      throw new ParameterException(
          spec.commandLine(), "--out names the file to read; choose another.");
    }
    ResNet.Config config;
    ResNet encoder;
    EncoderWeights.Match match;
    try (SafeTensors tensors = SafeTensors.read(file)) {
      config = EncoderWeights.configOf(tensors);
      encoder = new ResNet(new Init(Devices.get(Devices.DEFAULT), 0), config);
      match = EncoderWeights.load(encoder, tensors);
    }
    EncoderWeights.save(encoder, match, out);
    terminal
        .out()
        .printf(
            Locale.ROOT,
            "%s: ResNet-%d, %d channels in its first stage%n%s%nTrain from it with%n"
                + "  bin/pclmix train --encoder-depth %d --encoder-width %d --encoder-weights %s%n",
            file,
            config.depth(),
            config.width(),
            describe(match).indent(2).stripTrailing(),
            config.depth(),
            config.width(),
            TrainingRun.quoted(out));
    return 0;
  }

  /** What was loaded, in a line. */
  static String describe(EncoderWeights.Match match) {
    return String.format(
        Locale.ROOT,
        "%d tensors loaded%s%n",
        match.loaded().size(),
        match.stemSummed() ? ", the stem summed over three colours" : "");
  }
}
