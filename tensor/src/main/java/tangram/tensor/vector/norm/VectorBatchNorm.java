package tangram.tensor.vector.norm;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * The loops of batch normalisation over the planes of one channel. A plane begins {@code stride}
 * elements after the one before it.
 */
final class VectorBatchNorm {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorBatchNorm() {}

  /** First two moments of a channel. One object serves all channels of a task. */
  static final class Moments {
    /** Arithmetic mean. */
    double mean;

    /** Sum of squared deviations from the mean. */
    double squares;
  }

  /**
   * Moments of a channel: those of tiles that stay in the first-level cache, read twice there, then
   * combined by Chan, Golub and LeVeque (1979). One pass over memory, and no cancellation.
   */
  static void moments(float[] x, int xo, int stride, int planes, int hw, Moments result) {
    int planesPerTile = Math.max(1, VectorTiles.SUM / hw);
    float[] sums = Scratch.floats(Scratch.SMALL, 4L * LANES + 2);
    double mean = 0;
    double squares = 0;
    long count = 0;
    for (int p = 0; p < planes; p += planesPerTile) {
      int tilePlanes = Math.min(planesPerTile, planes - p);
      for (int i = 0; i < hw; i += VectorTiles.SUM) {
        int n = Math.min(VectorTiles.SUM, hw - i);
        int at = xo + p * stride + i;
        int tileCount = tilePlanes * n;
        float guess = sum(x, at, stride, tilePlanes, n) / tileCount;
        // The guess is off by a rounding error, which the sum of deviations shows.
        sumDeviations(x, at, stride, tilePlanes, n, guess, sums);
        double rest = (double) sums[0] / tileCount;
        double tileSquares = sums[1] - rest * rest * tileCount;
        double delta = guess + rest - mean;
        long total = count + tileCount;
        mean += delta * tileCount / total;
        squares += tileSquares + delta * delta * count * tileCount / total;
        count = total;
      }
    }
    result.mean = mean;
    result.squares = squares;
  }

  private static float sum(float[] x, int xo, int stride, int planes, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int i = 0;
      for (; i <= n - 4 * LANES; i += 4 * LANES) {
        s0 = FloatVector.fromArray(S, x, o + i).add(s0);
        s1 = FloatVector.fromArray(S, x, o + i + LANES).add(s1);
        s2 = FloatVector.fromArray(S, x, o + i + 2 * LANES).add(s2);
        s3 = FloatVector.fromArray(S, x, o + i + 3 * LANES).add(s3);
      }
      for (; i <= n - LANES; i += LANES) {
        s0 = FloatVector.fromArray(S, x, o + i).add(s0);
      }
      for (; i < n; i++) {
        tail += x[o + i];
      }
    }
    return VectorMath.sum(s0, s1, s2, s3) + tail;
  }

  /**
   * Sums of x - from and of (x - from)^2, to the first two of {@code sums}.
   *
   * <p>Between planes the partial sums lie in {@code sums}, not in local variables: vectors that
   * two nested loops carry are in some compilations objects on the heap.
   *
   * @param sums room for four vectors and two values
   */
  private static void sumDeviations(
      float[] x, int xo, int stride, int planes, int n, float from, float[] sums) {
    Arrays.fill(sums, 0, 4 * LANES + 2, 0f);
    for (int p = 0; p < planes; p++) {
      addDeviations(x, xo + p * stride, n, from, sums);
    }
    FloatVector s0 = FloatVector.fromArray(S, sums, 0);
    FloatVector s1 = FloatVector.fromArray(S, sums, LANES);
    FloatVector q0 = FloatVector.fromArray(S, sums, 2 * LANES);
    FloatVector q1 = FloatVector.fromArray(S, sums, 3 * LANES);
    float deviations = VectorMath.sum(s0, s1) + sums[4 * LANES];
    float squares = VectorMath.sum(q0, q1) + sums[4 * LANES + 1];
    sums[0] = deviations;
    sums[1] = squares;
  }

  private static void addDeviations(float[] x, int xo, int n, float from, float[] sums) {
    FloatVector s0 = FloatVector.fromArray(S, sums, 0);
    FloatVector s1 = FloatVector.fromArray(S, sums, LANES);
    FloatVector q0 = FloatVector.fromArray(S, sums, 2 * LANES);
    FloatVector q1 = FloatVector.fromArray(S, sums, 3 * LANES);
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = FloatVector.fromArray(S, x, xo + i).sub(from);
      FloatVector d1 = FloatVector.fromArray(S, x, xo + i + LANES).sub(from);
      s0 = d0.add(s0);
      s1 = d1.add(s1);
      q0 = d0.fma(d0, q0);
      q1 = d1.fma(d1, q1);
    }
    if (i <= n - LANES) {
      FloatVector d = FloatVector.fromArray(S, x, xo + i).sub(from);
      s0 = d.add(s0);
      q0 = d.fma(d, q0);
      i += LANES;
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, LANES);
    q0.intoArray(sums, 2 * LANES);
    q1.intoArray(sums, 3 * LANES);
    float tail = sums[4 * LANES];
    float squares = sums[4 * LANES + 1];
    for (; i < n; i++) {
      float d = x[xo + i] - from;
      tail += d;
      squares = Math.fma(d, d, squares);
    }
    sums[4 * LANES] = tail;
    sums[4 * LANES + 1] = squares;
  }

  /**
   * One plane of {@code y = act((x - mean) * scale + beta + residual)}.
   *
   * @param r residual, or null
   */
  static void apply(
      float[] x,
      int xo,
      float[] r,
      int ro,
      float[] y,
      int yo,
      int n,
      float mean,
      float scale,
      float beta,
      boolean relu) {
    // One loop for both: without an activation nothing is below the floor.
    float floor = relu ? 0 : Float.NEGATIVE_INFINITY;
    if (r == null) {
      apply(x, xo, y, yo, n, mean, scale, beta, floor);
    } else {
      applyAdd(x, xo, r, ro, y, yo, n, mean, scale, beta, floor);
    }
  }

  private static void apply(
      float[] x,
      int xo,
      float[] y,
      int yo,
      int n,
      float mean,
      float scale,
      float beta,
      float floor) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v =
          FloatVector.fromArray(S, x, xo + i)
              .sub(mean)
              .fma(FloatVector.broadcast(S, scale), FloatVector.broadcast(S, beta));
      v.blend(0f, v.compare(VectorOperators.LT, floor)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float v = Math.fma(x[xo + i] - mean, scale, beta);
      y[yo + i] = v < floor ? 0 : v;
    }
  }

  private static void applyAdd(
      float[] x,
      int xo,
      float[] r,
      int ro,
      float[] y,
      int yo,
      int n,
      float mean,
      float scale,
      float beta,
      float floor) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v =
          FloatVector.fromArray(S, x, xo + i)
              .sub(mean)
              .fma(FloatVector.broadcast(S, scale), FloatVector.broadcast(S, beta))
              .add(FloatVector.fromArray(S, r, ro + i));
      v.blend(0f, v.compare(VectorOperators.LT, floor)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float v = Math.fma(x[xo + i] - mean, scale, beta) + r[ro + i];
      y[yo + i] = v < floor ? 0 : v;
    }
  }
}
