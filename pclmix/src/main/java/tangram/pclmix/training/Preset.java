package tangram.pclmix.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A named set of settings. */
public enum Preset {
  /** 64x64, a quarter of the width: demonstration and tests, minutes on two cores. */
  TINY,
  /** 128x128, half-width ResNet-18: trains on a laptop CPU. */
  SMALL,
  /** The paper's network and settings: ResNet-50, 256x256. */
  PAPER;

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
