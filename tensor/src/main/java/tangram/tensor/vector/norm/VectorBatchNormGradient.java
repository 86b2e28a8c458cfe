package tangram.tensor.vector.norm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/** The loops of the gradient of batch normalisation; planes as in {@link VectorBatchNorm}. */
final class VectorBatchNormGradient {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorBatchNormGradient() {}

  /** What the gradient needs to know about a channel. One object serves all channels of a task. */
  static final class Sums {
    /** Sum of g. */
    double gradient;

    /** Sum of g * (x - mean). */
    double product;
  }

  /**
   * Sums over a channel of the gradient behind the activation, which is gy where y is positive.
   *
   * @param y forward output, or null without an activation
   * @param gr out: the gradient behind the activation, or null if it is not wanted
   */
  static void sums(
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
      float mean,
      Sums result) {
    int planesPerTile = Math.max(1, VectorTiles.SUM / hw);
    float[] sums = Scratch.floats(Scratch.SMALL, 2);
    double gradient = 0;
    double product = 0;
    for (int p = 0; p < planes; p += planesPerTile) {
      int tilePlanes = Math.min(planesPerTile, planes - p);
      for (int i = 0; i < hw; i += VectorTiles.SUM) {
        int n = Math.min(VectorTiles.SUM, hw - i);
        int at = p * stride + i;
        if (gr != null) {
          for (int q = 0; q < tilePlanes; q++) {
            int o = at + q * stride;
            if (y == null) {
              System.arraycopy(gy, gyo + o, gr, gro + o, n);
            } else {
              mask(y, yo + o, gy, gyo + o, gr, gro + o, n);
            }
          }
        }
        if (gr != null) {
          sums(x, xo + at, gr, gro + at, stride, tilePlanes, n, mean, sums);
        } else if (y == null) {
          sums(x, xo + at, gy, gyo + at, stride, tilePlanes, n, mean, sums);
        } else {
          sumsMasked(x, xo + at, y, yo + at, gy, gyo + at, stride, tilePlanes, n, mean, sums);
        }
        gradient += sums[0];
        product += sums[1];
      }
    }
    result.gradient = gradient;
    result.product = product;
  }

  private static void mask(float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      positive(y, yo + i, g, go + i).intoArray(out, oo + i);
    }
    for (; i < n; i++) {
      out[oo + i] = y[yo + i] > 0 ? g[go + i] : 0;
    }
  }

  /** Sums of g and of g * (x - mean). */
  private static void sums(
      float[] x,
      int xo,
      float[] g,
      int go,
      int stride,
      int planes,
      int n,
      float mean,
      float[] sums) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector p0 = s0;
    FloatVector p1 = s0;
    float tail = 0;
    float products = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int q = go + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        FloatVector g0 = FloatVector.fromArray(S, g, q + i);
        FloatVector g1 = FloatVector.fromArray(S, g, q + i + LANES);
        s0 = g0.add(s0);
        s1 = g1.add(s1);
        p0 = FloatVector.fromArray(S, x, o + i).sub(mean).fma(g0, p0);
        p1 = FloatVector.fromArray(S, x, o + i + LANES).sub(mean).fma(g1, p1);
      }
      for (; i <= n - LANES; i += LANES) {
        FloatVector g0 = FloatVector.fromArray(S, g, q + i);
        s0 = g0.add(s0);
        p0 = FloatVector.fromArray(S, x, o + i).sub(mean).fma(g0, p0);
      }
      for (; i < n; i++) {
        tail += g[q + i];
        products = Math.fma(x[o + i] - mean, g[q + i], products);
      }
    }
    sums[0] = VectorMath.sum(s0, s1) + tail;
    sums[1] = VectorMath.sum(p0, p1) + products;
  }

  /** As {@link #sums}, with g where y is positive. */
  private static void sumsMasked(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      int stride,
      int planes,
      int n,
      float mean,
      float[] sums) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector p0 = s0;
    FloatVector p1 = s0;
    float tail = 0;
    float products = 0;
    for (int p = 0; p < planes; p++) {
      int o = xo + p * stride;
      int m = yo + p * stride;
      int q = go + p * stride;
      int i = 0;
      for (; i <= n - 2 * LANES; i += 2 * LANES) {
        FloatVector g0 = positive(y, m + i, g, q + i);
        FloatVector g1 = positive(y, m + i + LANES, g, q + i + LANES);
        s0 = g0.add(s0);
        s1 = g1.add(s1);
        p0 = FloatVector.fromArray(S, x, o + i).sub(mean).fma(g0, p0);
        p1 = FloatVector.fromArray(S, x, o + i + LANES).sub(mean).fma(g1, p1);
      }
      for (; i <= n - LANES; i += LANES) {
        FloatVector g0 = positive(y, m + i, g, q + i);
        s0 = g0.add(s0);
        p0 = FloatVector.fromArray(S, x, o + i).sub(mean).fma(g0, p0);
      }
      for (; i < n; i++) {
        float g0 = y[m + i] > 0 ? g[q + i] : 0;
        tail += g0;
        products = Math.fma(x[o + i] - mean, g0, products);
      }
    }
    sums[0] = VectorMath.sum(s0, s1) + tail;
    sums[1] = VectorMath.sum(p0, p1) + products;
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
