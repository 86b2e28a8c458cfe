package tangram.pclmix.training;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is trained on which annotations (paper 4.2, Table 1). */
public enum Method {
  /** The paper's method, on scribbles. */
  PCLMIX,

  /** The paper's baseline: a U-Net with partial cross-entropy, on scribbles. */
  PCE,

  /** The paper's upper bound: the same U-Net with cross-entropy, on dense truth. */
  FULL;

  private static final Set<Setting> OF_PCLMIX =
      EnumSet.of(
          Setting.LOSSES,
          Setting.TRANSFORMER_SUPERVISION,
          Setting.LAMBDA_T,
          Setting.CONTRAST_WEIGHT,
          Setting.CONSISTENCY_WEIGHT,
          Setting.MIX_WEIGHT,
          Setting.TEMPERATURE,
          Setting.QUEUE_SLOTS,
          Setting.MAX_ANCHORS,
          Setting.TOTAL_ANCHORS,
          Setting.MIN_PIXELS,
          Setting.WARM_UP,
          Setting.SWIN_DIM,
          Setting.SWIN_HEADS,
          Setting.SWIN_WINDOW,
          Setting.DROP_PATH,
          Setting.EMBEDDING_DIM);

  /** The name on the command line and in files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a setting has an effect on it. */
  public boolean uses(Setting setting) {
    return this == PCLMIX || !OF_PCLMIX.contains(setting);
  }

  /** The method of a name. */
  public static Optional<Method> of(String key) {
    return Arrays.stream(values()).filter(m -> m.key().equals(key)).findFirst();
  }
}
