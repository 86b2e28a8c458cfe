package tangram.tensor.vector.norm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.VectorMath;

/** The loops of layer and unit-length normalisation, over one row or a few columns. */
public final class VectorRows {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorRows() {}

  /** Sum of a row. */
  static float sum(float[] x, int xo, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      s0 = FloatVector.fromArray(S, x, xo + i).add(s0);
      s1 = FloatVector.fromArray(S, x, xo + i + LANES).add(s1);
    }
    for (; i <= n - LANES; i += LANES) {
      s0 = FloatVector.fromArray(S, x, xo + i).add(s0);
    }
    float s = VectorMath.sum(s0, s1);
    for (; i < n; i++) {
      s += x[xo + i];
    }
    return s;
  }

  /** Sum of (x - from)^2 over a row. */
  static float squaredDeviations(float[] x, int xo, int n, float from) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = FloatVector.fromArray(S, x, xo + i).sub(from);
      FloatVector d1 = FloatVector.fromArray(S, x, xo + i + LANES).sub(from);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    for (; i <= n - LANES; i += LANES) {
      FloatVector d = FloatVector.fromArray(S, x, xo + i).sub(from);
      s0 = d.fma(d, s0);
    }
    float s = VectorMath.sum(s0, s1);
    for (; i < n; i++) {
      float d = x[xo + i] - from;
      s = Math.fma(d, d, s);
    }
    return s;
  }

  /** Scalar product of two rows. */
  static float dot(float[] a, int ao, float[] b, int bo, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      s0 = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), s0);
      s1 =
          FloatVector.fromArray(S, a, ao + i + LANES)
              .fma(FloatVector.fromArray(S, b, bo + i + LANES), s1);
    }
    for (; i <= n - LANES; i += LANES) {
      s0 = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), s0);
    }
    float s = VectorMath.sum(s0, s1);
    for (; i < n; i++) {
      s = Math.fma(a[ao + i], b[bo + i], s);
    }
    return s;
  }

  /** y = x * factor. */
  public static void scale(float[] x, int xo, float factor, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, x, xo + i).mul(factor).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * factor;
    }
  }

  /** y = (x - mean) * invStd * gamma + beta for a row. */
  static void affine(
      float[] x,
      int xo,
      float mean,
      float invStd,
      float[] gamma,
      int go,
      float[] beta,
      int bo,
      float[] y,
      int yo,
      int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, x, xo + i)
          .sub(mean)
          .mul(invStd)
          .fma(FloatVector.fromArray(S, gamma, go + i), FloatVector.fromArray(S, beta, bo + i))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma((x[xo + i] - mean) * invStd, gamma[go + i], beta[bo + i]);
    }
  }

  /**
   * Gradient of {@link #affine} and of the mean and variance behind it for a row; the row's part of
   * the gradients of gamma and beta is added to s[so, ...] and s[so + n, ...].
   */
  static void layerNormGradient(
      float[] x,
      int xo,
      float mean,
      float invStd,
      float[] gamma,
      int go,
      float[] gy,
      int gyo,
      float[] gx,
      int gxo,
      float[] s,
      int so,
      int n) {
    FloatVector sum = FloatVector.zero(S);
    FloatVector product = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector normal = FloatVector.fromArray(S, x, xo + i).sub(mean).mul(invStd);
      FloatVector g = FloatVector.fromArray(S, gy, gyo + i);
      FloatVector inner = g.mul(FloatVector.fromArray(S, gamma, go + i));
      sum = inner.add(sum);
      product = inner.fma(normal, product);
      g.fma(normal, FloatVector.fromArray(S, s, so + i)).intoArray(s, so + i);
      g.add(FloatVector.fromArray(S, s, so + n + i)).intoArray(s, so + n + i);
    }
    float a = VectorMath.sum(sum);
    float b = VectorMath.sum(product);
    for (; i < n; i++) {
      float normal = (x[xo + i] - mean) * invStd;
      float g = gy[gyo + i];
      float inner = g * gamma[go + i];
      a += inner;
      b = Math.fma(inner, normal, b);
      s[so + i] = Math.fma(g, normal, s[so + i]);
      s[so + n + i] += g;
    }
    float slope = -b / n * invStd * invStd;
    float shift = -a / n * invStd;
    for (i = 0; i < S.loopBound(n); i += LANES) {
      FloatVector rest =
          FloatVector.fromArray(S, x, xo + i)
              .sub(mean)
              .fma(FloatVector.broadcast(S, slope), FloatVector.broadcast(S, shift));
      FloatVector.fromArray(S, gy, gyo + i)
          .mul(FloatVector.fromArray(S, gamma, go + i))
          .fma(FloatVector.broadcast(S, invStd), rest)
          .intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      float rest = Math.fma(x[xo + i] - mean, slope, shift);
      gx[gxo + i] = Math.fma(gy[gyo + i] * gamma[go + i], invStd, rest);
    }
  }

  /** gx = (gy - y * dot) / norm for a row. */
  static void normalizeGradient(
      float[] y,
      int yo,
      float[] gy,
      int gyo,
      float dot,
      float invNorm,
      float[] gx,
      int gxo,
      int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, y, yo + i)
          .fma(FloatVector.broadcast(S, -dot), FloatVector.fromArray(S, gy, gyo + i))
          .mul(invNorm)
          .intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      gx[gxo + i] = Math.fma(y[yo + i], -dot, gy[gyo + i]) * invNorm;
    }
  }

  /** Scales n neighbouring columns of a [c, stride] matrix to unit length. */
  static void normalizeColumns(
      float[] x,
      int xo,
      float[] norm,
      int no,
      float[] y,
      int yo,
      int c,
      int stride,
      int n,
      float eps) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector s = FloatVector.zero(S);
      for (int j = 0; j < c; j++) {
        FloatVector v = FloatVector.fromArray(S, x, xo + j * stride + i);
        s = v.fma(v, s);
      }
      FloatVector length = VectorMath.exact(s).sqrt().max(eps);
      length.intoArray(norm, no + i);
      FloatVector inverse = FloatVector.broadcast(S, 1f).div(length);
      for (int j = 0; j < c; j++) {
        int at = j * stride + i;
        FloatVector.fromArray(S, x, xo + at).mul(inverse).intoArray(y, yo + at);
      }
    }
    for (; i < n; i++) {
      float s = 0;
      for (int j = 0; j < c; j++) {
        float v = x[xo + j * stride + i];
        s = Math.fma(v, v, s);
      }
      float length = Math.max((float) Math.sqrt(s), eps);
      norm[no + i] = length;
      float inverse = 1 / length;
      for (int j = 0; j < c; j++) {
        y[yo + j * stride + i] = x[xo + j * stride + i] * inverse;
      }
    }
  }

  /** Gradient of {@link #normalizeColumns}. */
  static void normalizeColumnsGradient(
      float[] y,
      int yo,
      float[] norm,
      int no,
      float[] gy,
      int gyo,
      float[] gx,
      int gxo,
      int c,
      int stride,
      int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector dot = FloatVector.zero(S);
      for (int j = 0; j < c; j++) {
        int at = j * stride + i;
        dot = FloatVector.fromArray(S, y, yo + at).fma(FloatVector.fromArray(S, gy, gyo + at), dot);
      }
      FloatVector inverse =
          FloatVector.broadcast(S, 1f).div(FloatVector.fromArray(S, norm, no + i));
      FloatVector minus = FloatVector.zero(S).sub(dot);
      for (int j = 0; j < c; j++) {
        int at = j * stride + i;
        FloatVector.fromArray(S, y, yo + at)
            .fma(minus, FloatVector.fromArray(S, gy, gyo + at))
            .mul(inverse)
            .intoArray(gx, gxo + at);
      }
    }
    for (; i < n; i++) {
      float dot = 0;
      for (int j = 0; j < c; j++) {
        dot = Math.fma(y[yo + j * stride + i], gy[gyo + j * stride + i], dot);
      }
      float inverse = 1 / norm[no + i];
      for (int j = 0; j < c; j++) {
        int at = j * stride + i;
        gx[gxo + at] = Math.fma(y[yo + at], -dot, gy[gyo + at]) * inverse;
      }
    }
  }
}
