package tangram.tensor.vector.elementwise;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Folds tiles. Sums are in single precision over the lanes of at most a tile, then in double, in an
 * order that depends on the vector width alone.
 */
final class TileFold {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Elements that are accumulated in single precision before the sum continues in double. */
  static final int SINGLE = 64;

  private TileFold() {}

  /** Takes n values in, tile by tile. */
  static double fold(Reducer reducer, double before, float[] x, int at, int n) {
    return switch (reducer) {
      case SUM -> {
        double all = before;
        for (int done = 0; done < n; done += TileProgram.TILE) {
          all += sum(x, at + done, Math.min(TileProgram.TILE, n - done));
        }
        yield all;
      }
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
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      s0 = FloatVector.fromArray(S, x, at + i).add(s0);
      s1 = FloatVector.fromArray(S, x, at + i + LANES).add(s1);
    }
    if (i <= n - LANES) {
      s0 = FloatVector.fromArray(S, x, at + i).add(s0);
      i += LANES;
    }
    double sum = VectorMath.sum(s0, s1);
    for (; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  /** The largest of all lanes. */
  static float max(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
    // The order of comparisons does not matter, unlike that of additions.
    FloatVector e = VectorMath.exact(a).max(b);
    return VectorMath.exact(c).max(d).max(e).reduceLanes(VectorOperators.MAX);
  }

  private static float max(float[] x, int at, int n) {
    FloatVector m0 = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      m0 = FloatVector.fromArray(S, x, at + i).max(m0);
      m1 = FloatVector.fromArray(S, x, at + i + LANES).max(m1);
      m2 = FloatVector.fromArray(S, x, at + i + 2 * LANES).max(m2);
      m3 = FloatVector.fromArray(S, x, at + i + 3 * LANES).max(m3);
    }
    float all = max(m0, m1, m2, m3);
    for (; i < n; i++) {
      all = Math.max(all, x[at + i]);
    }
    return all;
  }

  /** The smallest of all lanes. */
  static float min(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
    // The order of comparisons does not matter, unlike that of additions.
    FloatVector e = VectorMath.exact(a).min(b);
    return VectorMath.exact(c).min(d).min(e).reduceLanes(VectorOperators.MIN);
  }

  private static float min(float[] x, int at, int n) {
    FloatVector m0 = FloatVector.broadcast(S, Float.POSITIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      m0 = FloatVector.fromArray(S, x, at + i).min(m0);
      m1 = FloatVector.fromArray(S, x, at + i + LANES).min(m1);
      m2 = FloatVector.fromArray(S, x, at + i + 2 * LANES).min(m2);
      m3 = FloatVector.fromArray(S, x, at + i + 3 * LANES).min(m3);
    }
    float all = min(m0, m1, m2, m3);
    for (; i < n; i++) {
      all = Math.min(all, x[at + i]);
    }
    return all;
  }

  /** Adds four rows of n elements to a sum, one after the other. */
  static void addRows(float[] x, int a, int b, int c, int d, float[] sum, int at, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector s = FloatVector.fromArray(S, sum, at + i).add(FloatVector.fromArray(S, x, a + i));
      s = s.add(FloatVector.fromArray(S, x, b + i)).add(FloatVector.fromArray(S, x, c + i));
      s.add(FloatVector.fromArray(S, x, d + i)).intoArray(sum, at + i);
    }
    for (; i < n; i++) {
      sum[at + i] = sum[at + i] + x[a + i] + x[b + i] + x[c + i] + x[d + i];
    }
  }

  /** Clears a vector's sums in double precision. */
  static void clear(double[] room, int at) {
    DoubleVector.zero(D).intoArray(room, at);
    DoubleVector.zero(D).intoArray(room, at + D.length());
  }

  /** Adds a vector to sums in double precision. */
  static void add(double[] room, int at, FloatVector sum) {
    FloatVector v = VectorMath.exact(sum);
    int next = at + D.length();
    DoubleVector low = (DoubleVector) v.convert(VectorOperators.F2D, 0);
    DoubleVector high = (DoubleVector) v.convert(VectorOperators.F2D, 1);
    low.add(DoubleVector.fromArray(D, room, at)).intoArray(room, at);
    high.add(DoubleVector.fromArray(D, room, next)).intoArray(room, next);
  }

  /** As the other, for one sum. */
  static void add(double[] room, int at, float sum) {
    room[at] += sum;
  }

  /** Sums in double precision, rounded. */
  static FloatVector sums(double[] room, int at) {
    DoubleVector low = DoubleVector.fromArray(D, room, at);
    DoubleVector high = DoubleVector.fromArray(D, room, at + D.length());
    // Each leaves the other half 0.
    return ((FloatVector) low.convert(VectorOperators.D2F, 0))
        .add((FloatVector) high.convert(VectorOperators.D2F, -1));
  }
}
