package tangram.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;

/** Segments scans on a cluster. */
@Command(
    name = "predict",
    description = {
      "Segments scans with trained weights: for every scan X writes X_pred.nii.gz, as 'pclmix"
          + " predict' does. Scans whose results are there are left alone, so the same command goes"
          + " on after a stop.",
      "Files and folders may be local, if all machines see them, or addresses that Hadoop knows,"
          + " such as hdfs://HOST/PATH."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class ClusterPredictCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Cluster cluster;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = "Scans: NIfTI (.nii, .nii.gz), HDF5 volumes (.h5, .hdf5), or folders of them.")
  private List<String> inputs;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Weights that training wrote, best.safetensors, or an export of them.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "Where to write; results that are there stay.")
  private String out;

  @Option(
      names = "--probabilities",
      description = "Also write X_prob.nii.gz: the probability of every class.")
  private boolean probabilities;

  @Option(
      names = "--overlay",
      description = "Also draw X_overlay.png: the outlines over up to 12 slices.")
  private boolean overlay;

  @Mixin private DeviceOptions device;

  private ClusterPredictCommand(Terminal terminal, Cluster cluster) {
    this.terminal = terminal;
    this.cluster = cluster;
  }

  static CommandLine commandLine(Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new ClusterPredictCommand(terminal, cluster));
    SettingOptions.addReplacementsTo(line.getCommandSpec());
    return line;
  }

  @Override
  public Integer call() {
    device.requireNoThreads();
    return cluster.predict(
        terminal,
        new Cluster.Segmentation(
            inputs,
            model,
            out,
            probabilities,
            overlay,
            SettingOptions.replacements(spec.commandLine().getParseResult()),
            device.name()));
  }
}
