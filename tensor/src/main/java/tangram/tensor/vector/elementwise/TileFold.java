package tangram.tensor.vector.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Folds tiles. Sums are in single precision over the lanes of at most a tile, then in double, in an
 * order that depends on the vector width alone.
 */
final class TileFold {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private TileFold() {}

  /** Takes n values in. */
  static double fold(Reducer reducer, double before, float[] x, int at, int n) {
    return switch (reducer) {
      case SUM -> before + sum(x, at, n);
      case MAX -> Math.max(before, max(x, at, n));
      case MIN -> Math.min(before, min(x, at, n));
      case PRODUCT -> {
        double product = before;
        for (int i = 0; i < n; i++) {
          product *= x[at + i];
        }
        yield product;
      }
    };
  }

  private static double sum(float[] x, int at, int n) {
    int i = 0;
    float lanes = 0;
    if (n >= 2 * LANES) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = FloatVector.zero(S);
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        s0 = FloatVector.fromArray(S, x, at + i).add(s0);
        s1 = FloatVector.fromArray(S, x, at + i + LANES).add(s1);
      }
      lanes = VectorMath.sum(s0, s1);
    }
    double sum = lanes;
    for (; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  private static float max(float[] x, int at, int n) {
    int i = 0;
    float max = Float.NEGATIVE_INFINITY;
    if (n >= LANES) {
      FloatVector m = FloatVector.broadcast(S, max);
      for (; i <= n - LANES; i += LANES) {
        m = FloatVector.fromArray(S, x, at + i).max(m);
      }
      for (int lane = 0; lane < LANES; lane++) {
        max = Math.max(max, m.lane(lane));
      }
    }
    for (; i < n; i++) {
      max = Math.max(max, x[at + i]);
    }
    return max;
  }

  private static float min(float[] x, int at, int n) {
    int i = 0;
    float min = Float.POSITIVE_INFINITY;
    if (n >= LANES) {
      FloatVector m = FloatVector.broadcast(S, min);
      for (; i <= n - LANES; i += LANES) {
        m = FloatVector.fromArray(S, x, at + i).min(m);
      }
      for (int lane = 0; lane < LANES; lane++) {
        min = Math.min(min, m.lane(lane));
      }
    }
    for (; i < n; i++) {
      min = Math.min(min, x[at + i]);
    }
    return min;
  }
}
