package tangram.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import tangram.pclmix.data.Labels;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;

/** One option for every {@link Setting}. Values stay text here; the configuration checks them. */
final class SettingOptions {
  private static final EnumSet<Setting> DATA =
      EnumSet.of(
          Setting.DATA,
          Setting.CLASSES,
          Setting.TRAIN_PATIENTS,
          Setting.VAL_PATIENTS,
          Setting.TEST_PATIENTS,
          Setting.SPACING_FILE,
          Setting.PHANTOM_PATIENTS);

  private SettingOptions() {}

  /** Adds the options to a command. */
  static void addTo(CommandSpec spec) {
    addTo(spec, EnumSet.noneOf(Setting.class));
  }

  /** Adds the options to a command but for those that the command sets itself. */
  static void addTo(CommandSpec spec, Set<Setting> without) {
    Set<Setting> data = EnumSet.copyOf(DATA);
    data.removeAll(without);
    Set<Setting> others = EnumSet.complementOf(DATA);
    others.removeAll(without);
    spec.addArgGroup(group("%nData:%n", 1, data));
    spec.addArgGroup(
        group("%nSettings of the run, with their defaults in the presets:%n", 2, others));
  }

  /** Adds the options that replace settings of a run which is done. */
  static void addReplacementsTo(CommandSpec spec) {
    for (Setting setting : Setting.OF_SEGMENTATION) {
      String otherwise =
          setting == Setting.SPACING_FILE
              ? "(default: for the run's own data that of the run, else none)"
              : "(default: that of the run)";
      spec.addOption(option(setting, otherwise).build());
    }
  }

  private static ArgGroupSpec group(String heading, int order, Set<Setting> settings) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder().heading(heading).order(order).exclusive(false).validate(false);
    for (Setting setting : settings) {
      group.addArg(option(setting, "(" + defaults(setting) + ")").build());
    }
    return group.build();
  }

  private static OptionSpec.Builder option(Setting setting, String otherwise) {
    return OptionSpec.builder(name(setting))
        .paramLabel(label(setting))
        .type(String.class)
        .description(setting.description() + " " + otherwise);
  }

  /** The settings that were given on the command line. */
  static Map<Setting, String> given(ParseResult parsed) {
    return given(parsed, EnumSet.allOf(Setting.class));
  }

  /** The settings of a run to replace, of a command that has such options. */
  static Map<Setting, String> replacements(ParseResult parsed) {
    return given(parsed, Setting.OF_SEGMENTATION);
  }

  private static Map<Setting, String> given(ParseResult parsed, Set<Setting> settings) {
    Map<Setting, String> given = new EnumMap<>(Setting.class);
    for (Setting setting : settings) {
      if (parsed.hasMatchedOption(name(setting))) {
        // Within a group the library does not see to this.
        if (parsed.matchedOption(name(setting)).originalStringValues().size() > 1) {
          throw new ParameterException(
              parsed.commandSpec().commandLine(),
              "option '" + name(setting) + "' should be specified only once");
        }
        given.put(setting, parsed.matchedOptionValue(name(setting), ""));
      }
    }
    return given;
  }

  /**
   * The classes that an option names: a file, or the text that stands for one in a run's settings.
   *
   * @param error makes the exception that tells what is wrong with a text
   */
  static Labels labels(String value, Function<String, RuntimeException> error) {
    try {
      return Labels.of(value.strip());
    } catch (IllegalArgumentException e) {
      throw error.apply("--classes names no table of classes: " + e.getMessage() + ".");
    }
  }

  /** The option's name. */
  static String name(Setting setting) {
    return "--" + setting.key();
  }

  private static String label(Setting setting) {
    String value = setting.in(Preset.TINY);
    switch (setting) {
      case DATA:
        return "FOLDER";
      case TRAIN_PATIENTS:
      case VAL_PATIENTS:
      case TEST_PATIENTS:
        return "RANGES";
      case METHOD:
      case COMPONENTS:
      case RESIZE_PREDICTION:
      case TTA:
      case EVALUATE_WEIGHTS:
        return "NAME";
      case ENCODER_WEIGHTS:
      case SPACING_FILE:
      case CLASSES:
        return "FILE";
      case RESAMPLE:
      case FAR_BACKGROUND:
        return "MM";
      case LOSSES:
        return "LIST";
      default:
        if (value.equals("true") || value.equals("false")) {
          return "true|false";
        }
        return value.contains(",") ? "LIST" : value.contains(".") ? "X" : "N";
    }
  }

  private static String defaults(Setting setting) {
    List<String> parts = new ArrayList<>();
    String first = setting.in(Preset.TINY);
    boolean same = true;
    for (Preset preset : Preset.values()) {
      same &= setting.in(preset).equals(first);
      parts.add(preset.key() + " " + setting.in(preset));
    }
    return same ? first : String.join("; ", parts);
  }
}
