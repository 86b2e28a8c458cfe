package tangram.pclmix.study;

import java.util.EnumMap;
import java.util.Map;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * One training run of a study.
 *
 * @param name its folder's name
 * @param variant what it is a run of
 * @param preset the preset it starts from
 * @param overrides its settings that do not follow from the preset
 */
public record StudyRun(
    String name, Variant variant, Preset preset, Map<Setting, String> overrides) {
  /** Copies the settings, in the order of {@link Setting}. */
  public StudyRun {
    overrides = Map.copyOf(overrides);
  }

  /** The settings in order. */
  public Map<Setting, String> ordered() {
    Map<Setting, String> ordered = new EnumMap<>(Setting.class);
    ordered.putAll(overrides);
    return ordered;
  }

  /**
   * All settings.
   *
   * @throws tangram.pclmix.training.SettingException if a value is impossible
   */
  public TrainingConfig config() {
    return TrainingConfig.of(preset, overrides);
  }
}
