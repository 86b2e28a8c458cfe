package tangram.pclmix.active;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;

/**
 * How a network learns from a session.
 *
 * @param model weights to start from, as training wrote them; else those trained on phantoms
 * @param random the preset of a network that starts from random weights instead; null for weights
 * @param settings settings to replace, such as the method, the seed or the batch
 * @param firstSteps steps of the first round, up to 256
 * @param steps steps of every later one
 * @param learningRate after the warm-up of a round
 */
public record ActiveOptions(
    Optional<Path> model,
    Preset random,
    Map<Setting, String> settings,
    int firstSteps,
    int steps,
    double learningRate) {
  /** Of networks that start from phantoms: for hearts that differ from these, and are few. */
  private static final Map<Setting, String> REAL =
      Map.of(
          Setting.INTENSITY_AUGMENTATION, "true",
          Setting.SCALE_AUGMENTATION, "true",
          Setting.COMPONENTS, "anchored",
          Setting.RESIZE_PREDICTION, "bilinear");

  /** Copies the settings. */
  public ActiveOptions {
    settings = Map.copyOf(settings);
    if (firstSteps < 1
        || firstSteps > Round.MOST_STEPS
        || steps < 1
        || steps > Round.MOST_STEPS
        || !(learningRate > 0)) {
      throw new IllegalArgumentException(
          "rounds of " + firstSteps + " and " + steps + " steps at rate " + learningRate);
    }
    if (model.isPresent() && random != null) {
      throw new IllegalArgumentException("weights are either read or random");
    }
  }

  /** From the weights that were trained on phantoms. */
  public static ActiveOptions ofPhantoms() {
    return new ActiveOptions(Optional.empty(), null, REAL, 60, 30, 0.01);
  }

  /** From a file of weights. */
  public static ActiveOptions of(Path model) {
    return new ActiveOptions(Optional.of(model), null, Map.of(), 60, 30, 0.01);
  }

  /** From random weights, which need more steps at first. */
  public static ActiveOptions ofRandom(Preset preset) {
    return new ActiveOptions(Optional.empty(), preset, Map.of(), 120, 30, 0.01);
  }

  /** The same with some settings replaced. */
  public ActiveOptions with(Map<Setting, String> others) {
    Map<Setting, String> all = new EnumMap<>(Setting.class);
    all.putAll(settings);
    all.putAll(others);
    return new ActiveOptions(model, random, all, firstSteps, steps, learningRate);
  }

  /** The same with rounds of other lengths. */
  public ActiveOptions rounds(int first, int later) {
    return new ActiveOptions(model, random, settings, first, later, learningRate);
  }
}
