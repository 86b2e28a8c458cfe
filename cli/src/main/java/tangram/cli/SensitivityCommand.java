package tangram.cli;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tangram.nn.console.Terminal;
import tangram.pclmix.study.Sensitivity;
import tangram.pclmix.study.StudyKind;
import tangram.pclmix.study.Variant;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** The paper's Figure 3. */
@Command(
    name = "sensitivity",
    description = {
      "Trains with several weights of the Swin decoder and of the contrast, one varied at a time as"
          + " in the paper's Figure 3, and draws both curves.",
      "Can be stopped or killed at any time; the same command continues."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false,
    abbreviateSynopsis = true)
final class SensitivityCommand extends StudyCommand {
  private static final String NONE = "none";

  @Option(
      names = "--lambda-t-values",
      paramLabel = "LIST",
      description = "Values of lambda-t, or 'none' (default: 0.1,0.2,0.3,0.4,0.5).")
  private String lambdas = text(Sensitivity.LAMBDA_T);

  @Option(
      names = "--contrast-weight-values",
      paramLabel = "LIST",
      description = "Values of contrast-weight, or 'none' (default: 0.05,0.1,0.15,0.2,0.3).")
  private String weights = text(Sensitivity.CONTRAST_WEIGHT);

  private SensitivityCommand(Terminal terminal, Cluster cluster) {
    super(terminal, cluster);
  }

  /**
   * The command.
   *
   * @param cluster that trains, or null for processes of this machine
   */
  static CommandLine commandLine(Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new SensitivityCommand(terminal, cluster));
    SettingOptions.addTo(line.getCommandSpec(), EnumSet.of(Setting.METHOD));
    return line;
  }

  private static String text(List<Double> values) {
    return values.stream().map(v -> Double.toString(v)).collect(Collectors.joining(","));
  }

  @Override
  StudyKind kind() {
    return StudyKind.SENSITIVITY;
  }

  @Override
  List<Variant> variants(TrainingConfig base) {
    List<Double> lambda = lambdas.equals(NONE) ? List.of() : numbers("--lambda-t-values", lambdas);
    List<Double> weight =
        weights.equals(NONE) ? List.of() : numbers("--contrast-weight-values", weights);
    if (lambda.isEmpty() && weight.isEmpty()) {
      throw usage("--lambda-t-values and --contrast-weight-values cannot both be 'none'.");
    }
    return Sensitivity.variants(base, lambda, weight);
  }
}
