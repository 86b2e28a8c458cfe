package tangram.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Terminal;
import tangram.pclmix.method.Method;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.SettingException;
import tangram.pclmix.training.TrainingConfig;
import tangram.web.live.LiveServer;

/** Trains a network, or continues training it. */
@Command(
    name = "train",
    description = {
      "Trains a network on slices with scribbles and keeps the weights that are best on the"
          + " validation volumes.",
      "Without options: the preset 'tiny' on generated heart phantoms."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false,
    abbreviateSynopsis = true)
final class TrainCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Mixin private PresetOption preset;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Folder for all results (default: runs/PRESET-DATA-TIME).")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "FOLDER",
      description = "Continue the run of this folder with its own settings.")
  private Path resume;

  @Option(
      names = "--no-transformer-supervision",
      description = "Leave the Swin decoder out of the supervised loss.")
  private boolean noTransformerSupervision;

  @Option(
      names = "--profile",
      description = "Tell at the end where the time of a step went, kernel by kernel.")
  private boolean profile;

  @Option(
      names = "--part-of",
      paramLabel = "PID",
      hidden = true,
      description =
          "The process of a study that this run is part of: stop when it ends, and leave SIGINT to"
              + " it.")
  private Long partOf;

  @Option(
      names = "--live",
      description = "Show the run on a page while it trains, for browsers on this machine only.")
  private boolean live;

  @Option(
      names = "--live-port",
      paramLabel = "N",
      description = "Port of that page (default: any that is free).")
  private Integer livePort;

  @Mixin private DeviceOptions device;

  private TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The command with an option for every setting. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine line = new CommandLine(new TrainCommand(terminal));
    SettingOptions.addTo(line.getCommandSpec());
    return line;
  }

  @Override
  public Integer call() {
    if (livePort != null && (!live || livePort < 1 || livePort > 65535)) {
      throw usage(
          live
              ? "--live-port must be from 1 to 65535, not '" + livePort + "'."
              : "--live-port is about the page of --live; add --live or leave it out.");
    }
    Map<Setting, String> given = given();
    if (resume != null) {
      return resume(given);
    }
    Preset chosen = preset.get();
    TrainingConfig config = TrainingConfig.of(chosen, given);
    requireFitting(given, config, List.of(config.method()));
    return run(
        config,
        r ->
            out == null
                ? r.startInNew(device, defaultFolder(chosen, config))
                : r.start(device, out));
  }

  private int resume(Map<Setting, String> given) {
    if (preset.isGiven() || out != null) {
      throw usage(
          "--resume continues a run with its own settings in its own folder; leave out "
              + (preset.isGiven() ? "--preset." : "--out."));
    }
    try (RunFolder folder = RunFolder.resume(resume)) {
      TrainingConfig config = folder.config();
      requireUnchanged(given, config);
      return run(config, r -> r.resume(device, folder));
    }
  }

  private void requireUnchanged(Map<Setting, String> given, TrainingConfig config) {
    given.forEach(
        (setting, value) -> {
          if (!config.get(setting).equals(value.strip())) {
            throw usage(
                "the run in "
                    + resume
                    + " has "
                    + SettingOptions.name(setting)
                    + " "
                    + config.get(setting)
                    + ", which cannot become '"
                    + value
                    + "' midway; leave the option out or start a new run.");
          }
        });
  }

  private int run(TrainingConfig config, ToIntFunction<TrainingRun> work) {
    if (!live) {
      return work.applyAsInt(new TrainingRun(terminal, config, profile, partOf, null));
    }
    // First of all: a port that is in use is told before long preparations.
    try (LiveServer server = new LiveServer(livePort == null ? 0 : livePort, terminal::warn)) {
      terminal.out().println("Live      " + server.url());
      return work.applyAsInt(new TrainingRun(terminal, config, profile, partOf, server));
    }
  }

  private Map<Setting, String> given() {
    Map<Setting, String> given = SettingOptions.given(spec.commandLine().getParseResult());
    if (noTransformerSupervision) {
      String old = given.put(Setting.TRANSFORMER_SUPERVISION, "false");
      if (old != null && !old.equalsIgnoreCase("false")) {
        throw usage(
            "--no-transformer-supervision contradicts --transformer-supervision " + old + ".");
      }
    }
    return absolute(given);
  }

  /**
   * Makes paths absolute, since the run may be resumed from another working directory, and replaces
   * the file of the classes by what it holds, since the run must not need the file.
   */
  static Map<Setting, String> absolute(Map<Setting, String> given) {
    given.computeIfPresent(
        Setting.CLASSES,
        (key, value) -> SettingOptions.labels(value, SettingException::new).format());
    makeAbsolute(given, Setting.DATA, TrainingConfig.PHANTOM);
    makeAbsolute(given, Setting.ENCODER_WEIGHTS, TrainingConfig.NONE);
    return given;
  }

  private static void makeAbsolute(Map<Setting, String> given, Setting setting, String noPath) {
    given.computeIfPresent(
        setting,
        (key, value) ->
            value.equals(noPath) ? value : Path.of(value).toAbsolutePath().normalize().toString());
  }

  /**
   * Settings without an effect on such data, or on any of the methods, would be given in error.
   *
   * @param methods that are trained
   */
  static void requireFitting(
      Map<Setting, String> given, TrainingConfig config, List<Method> methods) {
    for (Setting setting : given.keySet()) {
      if (methods.stream().noneMatch(method -> setting.hasEffect(method.key()))) {
        throw new SettingException(
            SettingOptions.name(setting)
                + (methods.size() == 1
                    ? " has no effect on --method "
                    : " has no effect on --methods ")
                + methods.stream().map(Method::key).collect(Collectors.joining(","))
                + "; leave out one of the two.");
      }
    }
    List<Setting> without =
        config.usesPhantoms()
            ? List.of(Setting.TRAIN_PATIENTS, Setting.VAL_PATIENTS)
            : List.of(Setting.PHANTOM_PATIENTS);
    for (Setting setting : without) {
      if (given.containsKey(setting)) {
        throw new SettingException(
            SettingOptions.name(setting)
                + (config.usesPhantoms()
                    ? " chooses among the patients of a data folder; name one with --data, or use"
                        + " --phantom-patients."
                    : " is about generated data; leave out --data or use --train-patients."));
      }
    }
  }

  /** The folder of a run where none is named. */
  static Path defaultFolder(Preset preset, TrainingConfig config) {
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    return Path.of("runs", preset.key() + "-" + dataName(config) + "-" + time);
  }

  /** What the data are called in the names of folders. */
  static String dataName(TrainingConfig config) {
    Path data = Path.of(config.get(Setting.DATA)).getFileName();
    return data == null ? "data" : data.toString();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
