package tangram.pclmix.objective;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Named numbers that the recorded sections of a step leave where the host reads them after a pass.
 */
public final class LossReport {
  private final List<String> names;
  private final Tensor values;

  /** Creates a report of these names. */
  public LossReport(Device device, List<String> names) {
    this.names = List.copyOf(names);
    try (Scope persistent = Scope.detached()) {
      values = device.zeros(names.size());
    }
  }

  /**
   * Keeps a number.
   *
   * @param value of one element
   * @return the value
   */
  public Tensor put(String name, Tensor value) {
    int place = names.indexOf(name);
    if (place < 0) {
      throw new IllegalArgumentException("there is no '" + name + "' among " + names);
    }
    values.slice(place, Shape.of()).copyFrom(value);
    return value;
  }

  /** What was kept last, by name in order. */
  public Map<String, Double> read() {
    double[] read = values.toDoubles();
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int i = 0; i < read.length; i++) {
      byName.put(names.get(i), read[i]);
    }
    return byName;
  }
}
