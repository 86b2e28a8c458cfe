package tangram.cli;

import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tangram.nn.console.Terminal;
import tangram.pclmix.study.Ablation;
import tangram.pclmix.study.StudyKind;
import tangram.pclmix.study.Variant;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** The paper's Table 2. */
@Command(
    name = "ablate",
    description = {
      "Trains the versions of the paper's Table 2, in which losses are left out, and writes the"
          + " table with the paper's numbers beside.",
      "Can be stopped or killed at any time; the same command continues."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false,
    abbreviateSynopsis = true)
final class AblateCommand extends StudyCommand {
  @Option(
      names = "--versions",
      paramLabel = "LIST",
      defaultValue = "1,2,3,4,5,6,7",
      description = "Numbers of the versions to train (default: ${DEFAULT-VALUE}).")
  private String versions;

  private AblateCommand(Terminal terminal, Cluster cluster) {
    super(terminal, cluster);
  }

  /**
   * The command.
   *
   * @param cluster that trains, or null for processes of this machine
   */
  static CommandLine commandLine(Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new AblateCommand(terminal, cluster));
    SettingOptions.addTo(
        line.getCommandSpec(),
        EnumSet.of(Setting.METHOD, Setting.LOSSES, Setting.TRANSFORMER_SUPERVISION));
    return line;
  }

  @Override
  StudyKind kind() {
    return StudyKind.ABLATE;
  }

  @Override
  List<Variant> variants(TrainingConfig base) {
    return Ablation.variants(integers("--versions", versions));
  }
}
