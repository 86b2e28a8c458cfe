package tangram.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.prediction.Prediction;
import tangram.pclmix.prediction.PredictionFiles;
import tangram.pclmix.prediction.Scan;
import tangram.pclmix.prediction.ScanFiles;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;

/** Segments scans. */
@Command(
    name = "predict",
    description = {
      "Segments scans with trained weights: for every scan X writes X_pred.nii.gz, the classes of"
          + " the weights' run (0 background, 1 RV, 2 Myo, 3 LV) on the scan's own grid.",
      "Of a series over time (4-D NIfTI) every volume is segmented."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description =
          "Scans: NIfTI (.nii, .nii.gz), HDF5 volumes (.h5, .hdf5), or folders of them. Of a"
              + " folder, files with the word _gt, _pred, _prob or _scribble in their name are left"
              + " alone.")
  private List<Path> inputs;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Weights that training wrote, best.safetensors, or an export of them.")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "Where to write; results of the same names are replaced.")
  private Path out;

  @Option(
      names = "--probabilities",
      description =
          "Also write X_prob.nii.gz: the probability of every class, (x, y, z, class); with the"
              + " class in the fifth dimension for a series.")
  private boolean probabilities;

  @Option(
      names = "--overlay",
      description =
          "Also draw X_overlay.png: the outlines over up to 12 slices, cropped to what was found.")
  private boolean overlay;

  @Mixin private DeviceOptions device;

  private PredictCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The command with the options that replace settings of the run. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new PredictCommand(terminal));
    SettingOptions.addReplacementsTo(line.getCommandSpec());
    return line;
  }

  @Override
  public Integer call() {
    Notices notices = new Notices();
    List<Path> scans = ScanFiles.find(inputs, notices);
    PredictionFiles files = new PredictionFiles(out, probabilities, overlay);
    files.requireSafe(scans, List.of(model));
    RunFolder.requireWritable(out);
    Map<Setting, String> replaced =
        SettingOptions.replacements(spec.commandLine().getParseResult());
    TrainedModel trained = TrainedModel.load(model, device.open(), replaced);
    Segmenter segmenter = trained.segmenter();
    Spacings spacings = trained.config().spacings(replaced.containsKey(Setting.SPACING_FILE));
    PredictionTable table = new PredictionTable(segmenter.labels());
    Progress progress = new Progress(terminal);
    int failed = 0;
    boolean stopped;
    try (StopSignals signals =
        new StopSignals(
            () ->
                progress.println(
                    "Stopping after this volume (press Ctrl-C again to stop at once)."))) {
      for (int i = 0; i < scans.size() && !signals.requested(); i++) {
        int done = i;
        try {
          Scan scan = Scan.read(scans.get(i), spacings, notices);
          Optional<Prediction> prediction =
              Prediction.of(
                  scan,
                  segmenter,
                  probabilities,
                  (frame, frames) -> {
                    if (signals.requested()) {
                      return false;
                    }
                    show(progress, done, scans.size(), scan.name(), frame, frames);
                    return true;
                  });
          if (prediction.isPresent()) {
            files.write(prediction.get());
            table.add(prediction.get());
          }
        } catch (DataException e) {
          // The others may be sound, and whoever started this may have gone home.
          progress.clear();
          Program.tell(spec.commandLine(), e);
          failed++;
        } catch (OutOfMemoryError e) {
          progress.clear();
          Program.tell(spec.commandLine(), Volumes.tooLarge(scans.get(i), e));
          failed++;
        }
      }
      stopped = signals.requested() && table.scans() + failed < scans.size();
    } finally {
      progress.clear();
    }
    report(files, table, segmenter.labels());
    Program.tell(terminal, notices);
    if (stopped || (failed > 0 && scans.size() > 1)) {
      terminal
          .out()
          .printf(
              Locale.ROOT,
              "%s: %d of %d scans are segmented.%n",
              stopped ? "Stopped" : "Incomplete",
              table.scans(),
              scans.size());
    }
    terminal.out().flush();
    return stopped ? StopSignals.INTERRUPTED : failed > 0 ? Program.FAILED : 0;
  }

  /** Counts scans, or the volumes of the only one. */
  private static void show(
      Progress progress, int done, int scans, String name, int frame, int frames) {
    if (scans == 1) {
      progress.update(frame, frames, name);
    } else {
      progress.update(
          done, scans, frames == 1 ? name : name + ", frame " + (frame + 1) + "/" + frames);
    }
  }

  private void report(PredictionFiles files, PredictionTable table, Labels labels) {
    if (table.scans() == 0) {
      return;
    }
    terminal.out().println(table.text());
    terminal.out().println(out);
    String name = table.scans() == 1 ? table.firstName() : "X";
    tell(files.classes(name), "classes: " + labels.text());
    if (probabilities) {
      tell(files.probabilities(name), "probabilities, one volume a class");
    }
    if (overlay) {
      tell(files.overlay(name), "the outlines over the scan");
    }
  }

  private void tell(Path file, String what) {
    terminal.out().printf("  %-18s %s%n", file.getFileName(), what);
  }
}
