package tangram.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.study.RunHost;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyKind;
import tangram.pclmix.study.StudyPlan;
import tangram.pclmix.study.StudyRunner;
import tangram.pclmix.study.Variant;
import tangram.pclmix.training.MemoryEstimate;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** What the studies have in common: they train many runs that differ in a few settings. */
abstract class StudyCommand implements Callable<Integer> {
  /** The method that the paper is about. */
  private static final String OWN_METHOD = "pclmix";

  private static final int MOST = 100;

  final Terminal terminal;

  /** Null where processes of this machine train. */
  private final Cluster cluster;

  @Spec private CommandSpec spec;

  @Mixin private PresetOption preset;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description =
          "Folder of the study (default: runs/STUDY-PRESET-DATA). A study that is there continues: runs"
              + " that are complete are not done again.")
  private Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Train everything with this number of seeds, from --seed on (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Runs at a time; they share cores and memory (default: 1).")
  private Integer jobs;

  @Mixin private DeviceOptions device;

  StudyCommand(Terminal terminal, Cluster cluster) {
    this.terminal = terminal;
    this.cluster = cluster;
  }

  /** Which study it is. */
  abstract StudyKind kind();

  /**
   * What is trained.
   *
   * @param base settings that all runs share
   */
  abstract List<Variant> variants(TrainingConfig base);

  /**
   * Completes the settings that all runs share. Unless a study compares methods it is about the
   * paper's own, whatever method the preset has.
   *
   * @param given on the command line
   * @param folder of the study
   */
  Map<Setting, String> common(Preset chosen, Map<Setting, String> given, Path folder) {
    if (!Setting.METHOD.in(chosen).equals(OWN_METHOD)) {
      given.put(Setting.METHOD, OWN_METHOD);
    }
    return given;
  }

  /** The methods of the runs. */
  List<Method> methods() {
    return List.of(Methods.of(OWN_METHOD).orElseThrow());
  }

  /** Makes what the runs need and is not there. */
  void prepare(StudyPlan plan, StudyFolder study) {}

  @Override
  public Integer call() {
    requireCount("--seeds", seeds);
    if (jobs != null) {
      requireCount("--jobs", jobs);
    }
    if (cluster != null) {
      device.requireNoThreads();
    }
    Preset chosen = preset.get();
    Map<Setting, String> given =
        TrainCommand.absolute(SettingOptions.given(spec.commandLine().getParseResult()));
    TrainingConfig config = TrainingConfig.of(chosen, given);
    TrainCommand.requireFitting(given, config, methods());
    if (config.validationPatients().isEmpty()) {
      throw usage(
          "A study compares scores on validation volumes; name others with --val-patients.");
    }
    Path folder =
        (out == null
                ? Path.of(
                    "runs", kind().key() + "-" + chosen.key() + "-" + TrainCommand.dataName(config))
                : out)
            .toAbsolutePath()
            .normalize();
    Map<Setting, String> common = common(chosen, given, folder);
    StudyPlan plan =
        new StudyPlan(kind(), chosen, common, variants(TrainingConfig.of(chosen, common)), seeds);
    long steps = plan.steps();
    if (steps > Integer.MAX_VALUE) {
      throw usage(
          steps
              + " steps of all runs together are more than can be counted; lower --iterations or"
              + " --seeds.");
    }
    int processes = jobs == null ? 1 : jobs;
    if (cluster == null) {
      // Each is a process of its own, which gets its share of the memory.
      long share = Runtime.getRuntime().maxMemory() / processes;
      plan.runs().forEach(run -> MemoryEstimate.requireRoom(run.config(), share));
    }
    try (StudyFolder study = StudyFolder.open(folder, plan)) {
      prepare(plan, study);
      RunHost host =
          cluster == null
              ? new ProcessHost(device.arguments(processes), processes)
              : cluster.host(device.name(), jobs);
      return new StudyRunner(terminal, plan, study, host).run();
    }
  }

  private void requireCount(String name, int value) {
    if (value < 1 || value > MOST) {
      throw usage(name + " must be from 1 to " + MOST + ", not '" + value + "'.");
    }
  }

  /** An error of usage. */
  ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Numbers with commas between, none of them twice. */
  List<Integer> integers(String name, String text) {
    List<Integer> numbers = new ArrayList<>();
    for (double value : numbers(name, text)) {
      if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
        throw usage(name + " must be integers with commas between, not '" + text + "'.");
      }
      numbers.add((int) value);
    }
    return numbers;
  }

  /** Numbers with commas between, none of them twice. */
  List<Double> numbers(String name, String text) {
    List<Double> numbers = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      double value;
      try {
        value = Double.parseDouble(part.strip());
      } catch (NumberFormatException e) {
        throw usage(name + " must be numbers with commas between, not '" + text + "'.");
      }
      if (!Double.isFinite(value) || numbers.contains(value)) {
        throw usage(name + " must be different numbers with commas between, not '" + text + "'.");
      }
      numbers.add(value);
    }
    return numbers;
  }
}
