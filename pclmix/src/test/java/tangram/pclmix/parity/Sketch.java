package tangram.pclmix.parity;

import com.fasterxml.jackson.databind.JsonNode;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;

/**
 * What is kept of an array: its norm and projections on random signs, which measure how far another
 * array is from it. tools/parity/network.py says how and why.
 */
record Sketch(int size, double norm, double[] projections) {
  private static final int PURPOSE = 9;
  private static final int PROJECTIONS = 4;

  static Sketch of(JsonNode json) {
    double[] projections = new double[PROJECTIONS];
    for (int k = 0; k < PROJECTIONS; k++) {
      projections[k] = json.required(2 + k).doubleValue();
    }
    return new Sketch(json.required(0).intValue(), json.required(1).doubleValue(), projections);
  }

  static Sketch of(Tensor tensor) {
    double[] values = tensor.toDoubles();
    CounterRandom signs = new CounterRandom(0, PURPOSE, 0, 0);
    double square = 0;
    double[] projections = new double[PROJECTIONS];
    for (double value : values) {
      square += value * value;
      int word = signs.nextInt();
      for (int k = 0; k < PROJECTIONS; k++) {
        projections[k] += (word >>> k & 1) == 0 ? value : -value;
      }
    }
    return new Sketch(values.length, Math.sqrt(square), projections);
  }

  /** The estimated norm of the difference from another array; NaN if an element is. */
  double distance(Sketch other) {
    if (size != other.size) {
      throw new AssertionError(size + " elements against " + other.size);
    }
    double square = 0;
    for (int k = 0; k < PROJECTIONS; k++) {
      double d = projections[k] - other.projections[k];
      square += d * d;
    }
    // The signs cannot hide a change of the norm.
    return Math.max(Math.abs(norm - other.norm), Math.sqrt(square / PROJECTIONS));
  }
}
