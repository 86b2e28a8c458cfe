package tangram.pclmix.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A named set of settings. */
public enum Preset {
  /** 64x64, a quarter of the width: demonstration and tests, minutes on two cores. */
  TINY,
  /** 128x128, half-width ResNet-18: trains on a laptop CPU. */
  SMALL,
  /**
   * The size of {@link #SMALL} with the method and options that segmented real hearts best, in two
   * thirds of its minutes (docs/results.md). It needs the voxel spacing.
   */
  BEST,
  /** The paper's network and settings: ResNet-50, 256x256. */
  PAPER;

  /** Where {@link #BEST} differs from {@link #SMALL}. */
  private static final class Best {
    // Apart, since settings and presets know each other.
    static final Map<Setting, String> SETTINGS =
        Map.ofEntries(
            Map.entry(Setting.METHOD, "rloss"),
            Map.entry(Setting.ITERATIONS, "14000"),
            Map.entry(Setting.VALIDATE_EVERY, "2000"),
            Map.entry(Setting.CHECKPOINT_EVERY, "200"),
            Map.entry(Setting.INTENSITY_AUGMENTATION, "true"),
            Map.entry(Setting.SCALE_AUGMENTATION, "true"),
            Map.entry(Setting.RESAMPLE, "1.5"),
            Map.entry(Setting.CROP_JITTER, "16"),
            Map.entry(Setting.FAR_WINDOWS, "0.25"),
            Map.entry(Setting.FAR_BACKGROUND, "30"),
            Map.entry(Setting.ABSENT_WEIGHT, "0.3"),
            Map.entry(Setting.EVALUATE_WEIGHTS, "ema"),
            Map.entry(Setting.EMA_DECAY, "0.999"),
            Map.entry(Setting.COMPONENTS, "anchored"),
            Map.entry(Setting.RESIZE_PREDICTION, "bilinear"));
  }

  /** The value of a setting where it differs from that of {@link #SMALL}. */
  Optional<String> own(Setting setting) {
    return this == BEST ? Optional.ofNullable(Best.SETTINGS.get(setting)) : Optional.empty();
  }

  /** The name as users write it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The preset of a name.
   *
   * @throws SettingException if there is none
   */
  public static Preset of(String key) {
    return Arrays.stream(values())
        .filter(p -> p.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new SettingException(
                    "There is no preset '"
                        + key
                        + "'; choose one of "
                        + Arrays.stream(values()).map(Preset::key).collect(Collectors.joining(", "))
                        + "."));
  }
}
