package tangram.compare;

import java.util.EnumMap;
import java.util.Map;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** The networks and batches that are compared. */
final class Configurations {
  private Configurations() {}

  /** The paper's network on two images of 224x224, for which a window of 7 fits. */
  static TrainingConfig paper() {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.IMAGE_SIZE, "224");
    settings.put(Setting.SWIN_WINDOW, "7");
    settings.put(Setting.BATCH, "2");
    return TrainingConfig.of(Preset.PAPER, settings);
  }

  /** The preset {@code small} as it is: twelve images of 128x128. */
  static TrainingConfig small() {
    return TrainingConfig.of(Preset.SMALL, Map.of());
  }
}
