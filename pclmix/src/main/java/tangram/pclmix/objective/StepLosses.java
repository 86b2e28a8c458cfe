package tangram.pclmix.objective;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The losses of one step.
 *
 * @param total what is minimised
 * @param values the losses it is made of, unweighted, and what else is reported, by name in the
 *     method's order
 */
public record StepLosses(double total, Map<String, Double> values) {
  /** Copies the values. */
  public StepLosses {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * A value by its name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public double value(String name) {
    Double value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no '" + name + "' among " + values.keySet());
    }
    return value;
  }
}
