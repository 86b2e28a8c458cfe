package tangram.pclmix.training;

import static tangram.nn.FileFormatException.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A value of every setting: as text, in the form of a file with one {@code key = value} line a
 * setting, and as numbers within their {@link Bounds}.
 */
final class SettingValues {
  private final Map<Setting, String> values;

  SettingValues(Map<Setting, String> values) {
    this.values = new EnumMap<>(values);
  }

  /**
   * Reads the text form.
   *
   * @throws SettingException if a line is not a setting, or one is missing or there twice
   */
  static SettingValues parse(String text) {
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String key = equals < 0 ? line : line.substring(0, equals).strip();
      Setting setting =
          Setting.of(key)
              .filter(s -> equals >= 0)
              .orElseThrow(() -> new SettingException("There is no setting " + quote(key) + "."));
      if (values.put(setting, line.substring(equals + 1).strip()) != null) {
        throw new SettingException("The setting '" + key + "' is there twice.");
      }
    }
    for (Setting setting : Setting.values()) {
      if (!values.containsKey(setting)) {
        values.put(
            setting,
            setting
                .inOlderRuns()
                .orElseThrow(
                    () -> new SettingException("The setting '" + setting.key() + "' is missing.")));
      }
    }
    return new SettingValues(values);
  }

  /** The text form. */
  String format() {
    StringBuilder text = new StringBuilder();
    values.forEach((s, v) -> text.append(s.key()).append(" = ").append(v).append('\n'));
    return text.toString();
  }

  /** These values with some replaced. */
  SettingValues with(Map<Setting, String> overrides) {
    Map<Setting, String> replaced = new EnumMap<>(values);
    replaced.putAll(overrides);
    return new SettingValues(replaced);
  }

  String get(Setting setting) {
    return values.get(setting);
  }

  int integer(Setting setting) {
    return integer(setting, get(setting), "");
  }

  private int integer(Setting setting, String text, String several) {
    Bounds bounds = setting.bounds().orElseThrow();
    try {
      int value = Integer.parseInt(text.strip());
      if (bounds.allows(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, with the numbers that are out of bounds.
    }
    throw impossible(setting, several.isEmpty() ? bounds.sentence() : several + bounds.text());
  }

  double real(Setting setting) {
    Bounds bounds = setting.bounds().orElseThrow();
    try {
      double value = Double.parseDouble(get(setting));
      // NaN is within no bounds.
      if (bounds.allows(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, with the numbers that are out of bounds.
    }
    throw impossible(setting, bounds.sentence());
  }

  /** A number, or nothing for 'none', which is one of a setting's values if a preset has it. */
  OptionalDouble realOrNone(Setting setting) {
    return isNone(setting) ? OptionalDouble.empty() : OptionalDouble.of(real(setting));
  }

  private boolean isNone(Setting setting) {
    return setting.mayBeNone() && get(setting).equals(TrainingConfig.NONE);
  }

  boolean flag(Setting setting) {
    String value = get(setting).toLowerCase(Locale.ROOT);
    if (!value.equals("true") && !value.equals("false")) {
      throw impossible(setting, "true or false");
    }
    return value.equals("true");
  }

  /** One of an enumeration's constants, by its name in any case. */
  <E extends Enum<E>> E choice(Setting setting, Class<E> choices) {
    List<String> keys = new ArrayList<>();
    for (E choice : choices.getEnumConstants()) {
      if (choice.name().equalsIgnoreCase(get(setting))) {
        return choice;
      }
      keys.add(choice.name().toLowerCase(Locale.ROOT));
    }
    String last = keys.remove(keys.size() - 1);
    throw impossible(setting, String.join(", ", keys) + " or " + last);
  }

  int[] integers(Setting setting, int count) {
    String several = count + " integers with commas between, each ";
    String[] parts = get(setting).split(",", -1);
    if (parts.length != count) {
      throw impossible(setting, several + setting.bounds().orElseThrow().text());
    }
    return Arrays.stream(parts).mapToInt(part -> integer(setting, part, several)).toArray();
  }

  /** Checks what does not depend on other settings. */
  void check() {
    values.forEach(
        (setting, value) -> {
          if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
            throw impossible(setting, "one line of text");
          }
          // Lists are checked by who knows their lengths.
          if (setting.bounds().isPresent()
              && !isNone(setting)
              && !setting.in(Preset.TINY).contains(",")) {
            if (setting.bounds().get().whole()) {
              integer(setting);
            } else {
              real(setting);
            }
          }
        });
  }

  SettingException impossible(Setting setting, String allowed) {
    return new SettingException(
        "--"
            + setting.key()
            + " must be "
            + (setting.bounds().isPresent() && setting.mayBeNone() ? "'none' or " : "")
            + allowed
            + ", not "
            + quote(get(setting))
            + ".");
  }
}
