package tangram.cli;

import picocli.CommandLine.Option;
import tangram.pclmix.training.Preset;

/** Which preset the settings start from. */
final class PresetOption {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "tiny (64x64), small (128x128), best (as small, with what segments real hearts best) or"
              + " paper (ResNet-50, 256x256) (default: tiny).")
  private String name;

  /** Whether one was named. */
  boolean isGiven() {
    return name != null;
  }

  /**
   * The preset.
   *
   * @throws tangram.pclmix.training.SettingException if there is none of that name
   */
  Preset get() {
    return name == null ? Preset.TINY : Preset.of(name);
  }
}
