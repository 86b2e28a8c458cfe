package tangram.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Progress;
import tangram.nn.console.Terminal;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.data.Volume;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.PairEvaluation;
import tangram.pclmix.report.Gallery;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;
import tangram.pclmix.training.TrainedPatients;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.Validation;
import tangram.pclmix.training.Validator;

/** Scores weights, or predictions that lie as files beside the truth. */
@Command(
    name = "evaluate",
    description = {
      "Scores segmentations by Dice and HD95: those of trained weights (--model), or NIfTI files"
          + " X_pred.nii.gz beside X_gt.nii.gz (--pairs).",
      "Without --data and --patients, weights are scored on the validation volumes of their run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Weights that training wrote, best.safetensors, or an export of them.")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Folder of volumes, or 'phantom' (default: that of the run).")
  private String data;

  @Option(
      names = "--patients",
      paramLabel = "RANGES",
      description = "Patients to segment, such as 21-40 (default: the run's validation patients).")
  private String patients;

  @Option(
      names = "--pairs",
      paramLabel = "FOLDER",
      description = "Folder of predictions and truths as NIfTI files.")
  private Path pairs;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "Table of the classes in the pairs, CSV with the columns id, name, colour (default: those"
              + " of the heart).")
  private String classes;

  @Option(
      names = "--ignore-geometry",
      description =
          "Compare pairs voxel by voxel even if their headers place the voxels differently.")
  private boolean ignoreGeometry;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Also write the scores of every case.")
  private Path csv;

  @Option(
      names = "--montage",
      paramLabel = "FILE",
      description = "Also write a picture of the worst, median and best slices (PNG).")
  private Path montage;

  @Mixin private DeviceOptions device;

  private EvaluateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The command with the options that replace settings of the run. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new EvaluateCommand(terminal));
    SettingOptions.addReplacementsTo(line.getCommandSpec());
    return line;
  }

  @Override
  public Integer call() {
    if ((model == null) == (pairs == null)) {
      throw usage("name either weights with --model or a folder of predictions with --pairs.");
    }
    Notices notices = new Notices();
    Map<Setting, String> replaced =
        SettingOptions.replacements(spec.commandLine().getParseResult());
    Evaluation evaluation;
    String text;
    if (pairs != null) {
      if (!replaced.isEmpty()) {
        throw usage(
            SettingOptions.name(replaced.keySet().iterator().next())
                + " goes with --model, not with --pairs.");
      }
      if (data != null || patients != null || montage != null) {
        throw usage("--data, --patients and --montage go with --model, not with --pairs.");
      }
      evaluation = PairEvaluation.evaluate(pairs, labels(), ignoreGeometry, notices);
      text = evaluation.table();
    } else {
      if (ignoreGeometry) {
        throw usage("--ignore-geometry goes with --pairs, not with --model.");
      }
      if (classes != null) {
        throw usage("--classes goes with --pairs; weights have the classes of their run.");
      }
      Validation validation = evaluateModel(replaced, notices);
      evaluation = validation.evaluation();
      text = validation.text();
    }
    if (csv != null) {
      writeCsv(evaluation);
    }
    terminal.out().print(text);
    List<DataException> failures = notices.failures();
    if (!failures.isEmpty()) {
      terminal
          .out()
          .printf(
              Locale.ROOT,
              "Incomplete: %d of %d cases are scored.%n",
              evaluation.volumes().size(),
              evaluation.volumes().size() + failures.size());
    }
    terminal.out().flush();
    Program.tell(terminal, notices);
    failures.forEach(failure -> Program.tell(spec.commandLine(), failure));
    return failures.isEmpty() ? 0 : Program.FAILED;
  }

  private Validation evaluateModel(Map<Setting, String> replaced, Notices notices) {
    TrainedModel trained = TrainedModel.load(model, device.open(), replaced);
    TrainingConfig config = trained.config();
    boolean own = data == null || replaced.containsKey(Setting.SPACING_FILE);
    List<Volume> volumes = volumes(config, config.spacings(own), notices);
    Gallery gallery = new Gallery(config.labels());
    Progress progress = new Progress(terminal);
    Validation validation =
        new Validator(trained.segmenter())
            .validate(
                volumes,
                (done, all) -> progress.update(done, all, "volumes"),
                montage == null ? (volume, prediction) -> {} : gallery);
    progress.clear();
    if (montage != null) {
      OutputFile.write(montage, gallery.png());
    }
    return validation;
  }

  private Labels labels() {
    return classes == null
        ? Labels.HEART
        : SettingOptions.labels(classes, problem -> usage(problem));
  }

  private List<Volume> volumes(TrainingConfig config, Spacings spacings, Notices notices) {
    String where = data == null ? config.get(Setting.DATA) : data;
    if (where.equals(TrainingConfig.PHANTOM)) {
      if (patients != null) {
        throw usage("--patients chooses among the patients of a folder; name one with --data.");
      }
      return TrainingData.validation(config.with(Map.of(Setting.DATA, where)), notices);
    }
    if (where.equals(TrainingConfig.REMOVED)) {
      throw usage(
          model + " does not tell where the data of its run lie; name a folder with --data.");
    }
    if (patients == null && config.validationPatients().isEmpty()) {
      throw usage("the run had no patients to validate on; name some with --patients.");
    }
    Patients chosen =
        Patients.parse(patients == null ? config.get(Setting.VAL_PATIENTS) : patients);
    TrainedPatients.warning(config, Path.of(where), chosen).ifPresent(terminal::warn);
    return Volumes.loadSound(Path.of(where), config.labels(), chosen, spacings, notices);
  }

  private void writeCsv(Evaluation evaluation) {
    StringBuilder text = new StringBuilder();
    try {
      evaluation.writeCsv(text);
    } catch (IOException e) {
      throw new IllegalStateException("a StringBuilder does not fail", e);
    }
    OutputFile.write(csv, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
