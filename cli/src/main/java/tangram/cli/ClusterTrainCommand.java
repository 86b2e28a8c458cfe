package tangram.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** Trains a network by several workers. */
@Command(
    name = "train",
    description = {
      "Trains a network by several workers, which share the slices of every step: each has some of"
          + " its --shards. Any number of workers comes to the same bits.",
      "Can be stopped or killed at any time; --resume continues, also with other --workers."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false,
    abbreviateSynopsis = true)
final class ClusterTrainCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Cluster cluster;

  @Spec private CommandSpec spec;

  @Mixin private PresetOption preset;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description =
          "Folder for all results, which all workers see (default: runs/PRESET-DATA-TIME).")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "FOLDER",
      description = "Continue the run of this folder with its own settings.")
  private Path resume;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Workers: a power of two, at most --shards (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Mixin private DeviceOptions device;

  private ClusterTrainCommand(Terminal terminal, Cluster cluster) {
    this.terminal = terminal;
    this.cluster = cluster;
  }

  static CommandLine commandLine(Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new ClusterTrainCommand(terminal, cluster));
    SettingOptions.addTo(line.getCommandSpec());
    return line;
  }

  @Override
  public Integer call() {
    device.requireNoThreads();
    Map<Setting, String> given =
        TrainCommand.absolute(SettingOptions.given(spec.commandLine().getParseResult()));
    TrainingConfig config;
    Path folder;
    if (resume != null) {
      if (preset.isGiven() || out != null || !given.isEmpty()) {
        throw usage(
            "--resume continues a run with its own settings in its own folder; leave out all but"
                + " --workers and --device.");
      }
      config = RunFolder.open(resume).config();
      folder = resume;
    } else {
      Preset chosen = preset.get();
      config = TrainingConfig.of(chosen, given);
      TrainCommand.requireFitting(given, config, List.of(config.method()));
      folder = out == null ? TrainCommand.defaultFolder(chosen, config) : out;
      RunFolder.requireNew(folder);
    }
    if (Integer.bitCount(workers) != 1 || workers < 1 || workers > config.shards()) {
      throw usage(
          "--workers must be a power of two, at most --shards, which is "
              + config.shards()
              + ", not '"
              + workers
              + "'.");
    }
    return cluster.train(
        terminal,
        new Cluster.Training(config, folder.toAbsolutePath().normalize(), workers, device.name()));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
