package tangram.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tangram.nn.console.Progress;
import tangram.nn.console.Terminal;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Patients;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.study.CrossValidation;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyKind;
import tangram.pclmix.study.StudyPlan;
import tangram.pclmix.study.Variant;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;

/** The paper's Table 1. */
@Command(
    name = "crossval",
    description = {
      "Trains on four fifths of the patients and tests on the last, five times over, as for the"
          + " paper's Table 1, and writes the table. The patients need slices and volumes.",
      "Can be stopped or killed at any time; the same command continues."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false,
    abbreviateSynopsis = true)
final class CrossvalCommand extends StudyCommand {
  private static final String DATA = "data";
  private static final String ALL = "all";
  private static final String NO_FOLDS = "none";

  @Option(
      names = "--methods",
      paramLabel = "LIST",
      defaultValue = "pclmix",
      description =
          "Rows of the table: all, or methods with commas between (default: ${DEFAULT-VALUE}).")
  private String methods;

  @Option(
      names = "--folds",
      paramLabel = "LIST",
      defaultValue = "1,2,3,4,5",
      description =
          "Numbers of the folds to train, or 'none': train once on --train-patients, choose the best"
              + " weights on --val-patients and score them on --test-patients, where named (default:"
              + " ${DEFAULT-VALUE}).")
  private String folds;

  @Option(
      names = "--method-iterations",
      paramLabel = "LIST",
      description =
          "Training steps of single methods, such as dmpls=2400,em=4000, to give each the same time"
              + " (default: --iterations for all).")
  private String methodIterations;

  @Option(
      names = "--held-out",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Patients of each fold that are not trained on, to choose the best weights by (default:"
              + " ${DEFAULT-VALUE}).")
  private int heldOut;

  /** The generated patients, where data are generated. */
  private Patients phantoms;

  private CrossvalCommand(Terminal terminal, Cluster cluster) {
    super(terminal, cluster);
  }

  /**
   * The command.
   *
   * @param cluster that trains, or null for processes of this machine
   */
  static CommandLine commandLine(Terminal terminal, Cluster cluster) {
    CommandLine line = new CommandLine(new CrossvalCommand(terminal, cluster));
    SettingOptions.addTo(line.getCommandSpec(), EnumSet.of(Setting.METHOD));
    return line;
  }

  @Override
  StudyKind kind() {
    return StudyKind.CROSSVAL;
  }

  /** Phantoms become a data folder, since folds choose among patients. */
  @Override
  Map<Setting, String> common(Preset chosen, Map<Setting, String> given, Path folder) {
    if (isFolded()) {
      for (Setting setting :
          List.of(Setting.TRAIN_PATIENTS, Setting.VAL_PATIENTS, Setting.TEST_PATIENTS)) {
        if (given.containsKey(setting)) {
          throw usage(
              SettingOptions.name(setting)
                  + " goes with --folds none; the folds choose the patients otherwise.");
        }
      }
    }
    TrainingConfig config = TrainingConfig.of(chosen, given);
    if (config.labels().foreground().containsAll(ComponentFilter.ANCHORED.needed())) {
      given.putIfAbsent(Setting.COMPONENTS, "anchored");
    }
    if (!config.usesPhantoms() || !isFolded()) {
      return given;
    }
    phantoms = Patients.range(1, config.integer(Setting.PHANTOM_PATIENTS));
    Map<Setting, String> common = new EnumMap<>(Setting.class);
    common.putAll(given);
    common.remove(Setting.PHANTOM_PATIENTS);
    common.put(Setting.DATA, folder.resolve(DATA).toString());
    return common;
  }

  @Override
  void prepare(StudyPlan plan, StudyFolder study) {
    if (phantoms == null) {
      return;
    }
    Path folder = study.path().resolve(DATA);
    Progress progress = new Progress(terminal);
    int[] numbers = phantoms.numbers();
    for (int i = 0; i < numbers.length; i++) {
      if (PhantomData.isWritten(folder, numbers[i])) {
        continue;
      }
      PhantomData.write(folder, plan.base().imageSize(), TrainingData.PHANTOM_SEED, numbers[i]);
      progress.update(i + 1, numbers.length, "phantoms");
    }
    progress.clear();
  }

  @Override
  List<Variant> variants(TrainingConfig base) {
    List<Method> chosen = methods();
    Map<String, String> iterations = iterations(chosen);
    if (!isFolded()) {
      return CrossValidation.split(chosen, iterations);
    }
    Patients all =
        phantoms != null ? phantoms : DataFolder.patients(Path.of(base.get(Setting.DATA)));
    return CrossValidation.variants(chosen, all, integers("--folds", folds), heldOut, iterations);
  }

  private boolean isFolded() {
    return !folds.strip().equals(NO_FOLDS);
  }

  @Override
  List<Method> methods() {
    if (methods.strip().equals(ALL)) {
      return Methods.all();
    }
    List<Method> chosen = new ArrayList<>();
    for (String name : methods.split(",", -1)) {
      Method method =
          Methods.of(name.strip())
              .orElseThrow(
                  () ->
                      usage(
                          "--methods must be all, or some of "
                              + Methods.names()
                              + " with commas between, not '"
                              + methods
                              + "'."));
      if (!chosen.contains(method)) {
        chosen.add(method);
      }
    }
    return chosen;
  }

  /** The steps of single methods, which the settings check. */
  private Map<String, String> iterations(List<Method> chosen) {
    Map<String, String> iterations = new HashMap<>();
    if (methodIterations == null) {
      return iterations;
    }
    for (String part : methodIterations.split(",", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part.strip() : part.substring(0, equals).strip();
      if (equals < 0
          || chosen.stream().noneMatch(method -> method.key().equals(name))
          || iterations.put(name, part.substring(equals + 1).strip()) != null) {
        throw usage(
            "--method-iterations must be methods of --methods with their steps, such as"
                + " dmpls=2400,em=4000, not '"
                + methodIterations
                + "'.");
      }
    }
    return iterations;
  }
}
