package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of batch normalisation over the planes of one channel. A plane begins {@code stride}
 * elements after the one before it.
 */
final class VectorBatchNorm {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorBatchNorm() {}

  /**
   * First two moments.
   *
   * @param mean arithmetic mean
   * @param squares sum of squared deviations from the mean
   */
  record Moments(double mean, double squares) {}

  /**
   * What the gradient needs to know about the whole channel.
   *
   * @param gradient sum of g
   * @param product sum of g * (x - mean)
   */
  record Sums(double gradient, double product) {}

  /**
   * Moments of a channel: those of tiles that stay in the first-level cache, read twice there, then
   * combined by Chan, Golub and LeVeque (1979). One pass over memory, and no cancellation.
   */
  static Moments moments(float[] x, int xo, int stride, int planes, int hw) {
    int planesPerTile = Math.max(1, VectorTiles.SUM / hw);
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
        double rest = sumDeviations(x, at, stride, tilePlanes, n, guess) / tileCount;
        double tileSquares =
            sumSquares(x, at, stride, tilePlanes, n, guess) - rest * rest * tileCount;
        double delta = guess + rest - mean;
        long total = count + tileCount;
        mean += delta * tileCount / total;
        squares += tileSquares + delta * delta * count * tileCount / total;
        count = total;
      }
    }
    return new Moments(mean, squares);
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
        s0 = s0.add(FloatVector.fromArray(S, x, o + i));
        s1 = s1.add(FloatVector.fromArray(S, x, o + i + LANES));
        s2 = s2.add(FloatVector.fromArray(S, x, o + i + 2 * LANES));
        s3 = s3.add(FloatVector.fromArray(S, x, o + i + 3 * LANES));
      }
      for (; i <= n - LANES; i += LANES) {
        s0 = s0.add(FloatVector.fromArray(S, x, o + i));
      }
      for (; i < n; i++) {
        tail += x[o + i];
      }
    }
    return VectorMath.sum(s0.add(s1).add(s2.add(s3))) + tail;
  }

  private static float sumDeviations(float[] x, int xo, int stride, int planes, int n, float from) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        s0 = s0.add(FloatVector.fromArray(S, x, o + i).sub(from));
        s1 = s1.add(FloatVector.fromArray(S, x, o + i + LANES).sub(from));
      }
      for (; i <= n - LANES; i += LANES) {
        s0 = s0.add(FloatVector.fromArray(S, x, o + i).sub(from));
      }
      for (; i < n; i++) {
        tail += x[o + i] - from;
      }
    }
    return VectorMath.sum(s0.add(s1)) + tail;
  }

  private static float sumSquares(float[] x, int xo, int stride, int planes, int n, float from) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int i = 0;
      for (; i <= n - 4 * LANES; i += 4 * LANES) {
        FloatVector d0 = FloatVector.fromArray(S, x, o + i).sub(from);
        FloatVector d1 = FloatVector.fromArray(S, x, o + i + LANES).sub(from);
        FloatVector d2 = FloatVector.fromArray(S, x, o + i + 2 * LANES).sub(from);
        FloatVector d3 = FloatVector.fromArray(S, x, o + i + 3 * LANES).sub(from);
        s0 = d0.fma(d0, s0);
        s1 = d1.fma(d1, s1);
        s2 = d2.fma(d2, s2);
        s3 = d3.fma(d3, s3);
      }
      for (; i <= n - LANES; i += LANES) {
        FloatVector d = FloatVector.fromArray(S, x, o + i).sub(from);
        s0 = d.fma(d, s0);
      }
      for (; i < n; i++) {
        float d = x[o + i] - from;
        tail = Math.fma(d, d, tail);
      }
    }
    return VectorMath.sum(s0.add(s1).add(s2.add(s3))) + tail;
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

  /**
   * Sums over a channel of the gradient behind the activation, which is gy where y is positive.
   *
   * @param y forward output, or null without an activation
   * @param gr out: the gradient behind the activation, or null if it is not wanted
   */
  static Sums sums(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] gy,
      int gyo,
      float[] gr,
      int gro,
      int stride,
      int planes,
      int hw,
      float mean) {
    int planesPerTile = Math.max(1, VectorTiles.SUM / hw);
    double gradient = 0;
    double product = 0;
    for (int p = 0; p < planes; p += planesPerTile) {
      int tilePlanes = Math.min(planesPerTile, planes - p);
      for (int i = 0; i < hw; i += VectorTiles.SUM) {
        int n = Math.min(VectorTiles.SUM, hw - i);
        int at = p * stride + i;
        float[] g = gy;
        int go = gyo + at;
        if (gr != null) {
          for (int q = 0; q < tilePlanes; q++) {
            int o = at + q * stride;
            if (y == null) {
              System.arraycopy(gy, gyo + o, gr, gro + o, n);
            } else {
              mask(y, yo + o, gy, gyo + o, gr, gro + o, n);
            }
          }
          g = gr;
          go = gro + at;
        }
        if (y == null || gr != null) {
          gradient += sum(g, go, stride, tilePlanes, n);
          product += sumProducts(x, xo + at, g, go, stride, tilePlanes, n, mean);
        } else {
          gradient += sumMasked(y, yo + at, g, go, stride, tilePlanes, n);
          product += sumMaskedProducts(x, xo + at, y, yo + at, g, go, stride, tilePlanes, n, mean);
        }
      }
    }
    return new Sums(gradient, product);
  }

  private static void mask(float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      VectorMask<Float> on = FloatVector.fromArray(S, y, yo + i).compare(VectorOperators.GT, 0f);
      FloatVector.zero(S).blend(FloatVector.fromArray(S, g, go + i), on).intoArray(out, oo + i);
    }
    for (; i < n; i++) {
      out[oo + i] = y[yo + i] > 0 ? g[go + i] : 0;
    }
  }

  private static float sumProducts(
      float[] x, int xo, float[] g, int go, int stride, int planes, int n, float mean) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int q = go + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        s0 =
            FloatVector.fromArray(S, x, o + i)
                .sub(mean)
                .fma(FloatVector.fromArray(S, g, q + i), s0);
        s1 =
            FloatVector.fromArray(S, x, o + i + LANES)
                .sub(mean)
                .fma(FloatVector.fromArray(S, g, q + i + LANES), s1);
      }
      for (; i <= n - LANES; i += LANES) {
        s0 =
            FloatVector.fromArray(S, x, o + i)
                .sub(mean)
                .fma(FloatVector.fromArray(S, g, q + i), s0);
      }
      for (; i < n; i++) {
        tail = Math.fma(x[o + i] - mean, g[q + i], tail);
      }
    }
    return VectorMath.sum(s0.add(s1)) + tail;
  }

  private static float sumMasked(
      float[] y, int yo, float[] g, int go, int stride, int planes, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int o = yo + p * stride;
      int q = go + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        s0 = s0.add(positive(y, o + i, g, q + i));
        s1 = s1.add(positive(y, o + i + LANES, g, q + i + LANES));
      }
      for (; i <= n - LANES; i += LANES) {
        s0 = s0.add(positive(y, o + i, g, q + i));
      }
      for (; i < n; i++) {
        tail += y[o + i] > 0 ? g[q + i] : 0;
      }
    }
    return VectorMath.sum(s0.add(s1)) + tail;
  }

  private static float sumMaskedProducts(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      int stride,
      int planes,
      int n,
      float mean) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    float tail = 0;
    for (int p = 0; p < planes; p++) {
      int xi = xo + p * stride;
      int o = yo + p * stride;
      int q = go + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        s0 = FloatVector.fromArray(S, x, xi + i).sub(mean).fma(positive(y, o + i, g, q + i), s0);
        s1 =
            FloatVector.fromArray(S, x, xi + i + LANES)
                .sub(mean)
                .fma(positive(y, o + i + LANES, g, q + i + LANES), s1);
      }
      for (; i <= n - LANES; i += LANES) {
        s0 = FloatVector.fromArray(S, x, xi + i).sub(mean).fma(positive(y, o + i, g, q + i), s0);
      }
      for (; i < n; i++) {
        tail = Math.fma(x[xi + i] - mean, y[o + i] > 0 ? g[q + i] : 0, tail);
      }
    }
    return VectorMath.sum(s0.add(s1)) + tail;
  }

  /** g where y is positive, else 0. */
  private static FloatVector positive(float[] y, int yo, float[] g, int go) {
    return FloatVector.zero(S)
        .blend(
            FloatVector.fromArray(S, g, go),
            FloatVector.fromArray(S, y, yo).compare(VectorOperators.GT, 0f));
  }

  /**
   * One plane of {@code gx = a * g + slope * (x - mean) + shift}.
   *
   * @param y forward output that masks g, or null if g is behind the activation already
   */
  static void inputGradient(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      float[] gx,
      int gxo,
      int n,
      float mean,
      float a,
      float slope,
      float shift) {
    if (y == null) {
      inputGradient(x, xo, g, go, gx, gxo, n, mean, a, slope, shift);
      return;
    }
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector rest =
          FloatVector.fromArray(S, x, xo + i)
              .sub(mean)
              .fma(FloatVector.broadcast(S, slope), FloatVector.broadcast(S, shift));
      positive(y, yo + i, g, go + i).fma(FloatVector.broadcast(S, a), rest).intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      float rest = Math.fma(x[xo + i] - mean, slope, shift);
      gx[gxo + i] = Math.fma(y[yo + i] > 0 ? g[go + i] : 0, a, rest);
    }
  }

  private static void inputGradient(
      float[] x,
      int xo,
      float[] g,
      int go,
      float[] gx,
      int gxo,
      int n,
      float mean,
      float a,
      float slope,
      float shift) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector rest =
          FloatVector.fromArray(S, x, xo + i)
              .sub(mean)
              .fma(FloatVector.broadcast(S, slope), FloatVector.broadcast(S, shift));
      FloatVector.fromArray(S, g, go + i)
          .fma(FloatVector.broadcast(S, a), rest)
          .intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      gx[gxo + i] = Math.fma(g[go + i], a, Math.fma(x[xo + i] - mean, slope, shift));
    }
  }
}
