package tangram.pclmix.training;

import java.util.Locale;
import java.util.Optional;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.network.SegmentationOptions;

/**
 * The scores of segmented volumes.
 *
 * @param options how they were segmented
 * @param evaluation the scores of the components that are kept
 * @param unfiltered the scores of all components; empty where all are kept
 */
public record Validation(
    SegmentationOptions options, Evaluation evaluation, Optional<Evaluation> unfiltered) {

  /** The tables, with a line on how the volumes were segmented unless it was plainly. */
  public String text() {
    String text = description(options) + evaluation.table();
    if (unfiltered.isPresent()) {
      text += "\nThe same with all components:\n" + unfiltered.get().table();
    }
    return text;
  }

  /** A line on how volumes are segmented; empty if plainly. */
  public static String description(SegmentationOptions options) {
    if (options.equals(SegmentationOptions.PLAIN)) {
      return "";
    }
    ComponentFilter components = options.components();
    return String.format(
        "Segmented with --%s %s --%s %s --%s %s\n",
        Setting.COMPONENTS.key(),
        key(components),
        Setting.RESIZE_PREDICTION.key(),
        key(options.resizing()),
        Setting.TTA.key(),
        key(options.views()));
  }

  private static String key(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
