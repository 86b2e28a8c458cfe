package tangram.pclmix.study;

import java.util.Map;
import tangram.pclmix.training.Setting;

/**
 * One row of a study: settings that are trained with, once for every seed.
 *
 * @param key what its runs' folders are named by, such as {@code version-3}
 * @param group what it is summed up with: the rows of a table or a curve
 * @param settings what it sets
 */
public record Variant(String key, String group, Map<Setting, String> settings) {
  /** Copies the settings. */
  public Variant {
    settings = Map.copyOf(settings);
  }
}
