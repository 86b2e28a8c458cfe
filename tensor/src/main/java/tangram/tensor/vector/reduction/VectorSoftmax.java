package tangram.tensor.vector.reduction;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.VectorMath;

/** The loops of softmax over the planes of a matrix, or over one row, and of its gradient. */
final class VectorSoftmax {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorSoftmax() {}

  /** The k planes of a matrix, n columns of which are neighbours. */
  static void planes(float[] x, int xo, float[] y, int yo, int k, int stride, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector max = FloatVector.fromArray(S, x, xo + i);
      for (int j = 1; j < k; j++) {
        FloatVector v = FloatVector.fromArray(S, x, xo + j * stride + i);
        max = VectorMath.max(max, v);
      }
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, xo + j * stride + i).sub(max));
        e.intoArray(y, yo + j * stride + i);
        sum = e.add(sum);
      }
      FloatVector scale = FloatVector.broadcast(S, 1f).div(sum);
      for (int j = 0; j < k; j++) {
        int at = yo + j * stride + i;
        FloatVector.fromArray(S, y, at).mul(scale).intoArray(y, at);
      }
    }
    for (; i < n; i++) {
      float max = x[xo + i];
      for (int j = 1; j < k; j++) {
        float v = x[xo + j * stride + i];
        max = v > max ? v : max;
      }
      float sum = 0;
      for (int j = 0; j < k; j++) {
        float e = VectorMath.exp(x[xo + j * stride + i] - max);
        y[yo + j * stride + i] = e;
        sum += e;
      }
      float scale = 1f / sum;
      for (int j = 0; j < k; j++) {
        y[yo + j * stride + i] *= scale;
      }
    }
  }

  /** A row of k neighbours. */
  static void row(float[] x, int xo, float[] y, int yo, int k) {
    float max = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (k >= LANES) {
      FloatVector m = FloatVector.fromArray(S, x, xo);
      for (i = LANES; i < S.loopBound(k); i += LANES) {
        m = VectorMath.max(m, FloatVector.fromArray(S, x, xo + i));
      }
      max = VectorMath.max(m);
    }
    for (; i < k; i++) {
      max = Math.max(max, x[xo + i]);
    }
    FloatVector s = FloatVector.zero(S);
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, xo + i).sub(max));
      e.intoArray(y, yo + i);
      s = e.add(s);
    }
    float sum = VectorMath.sum(s);
    for (; i < k; i++) {
      float e = VectorMath.exp(x[xo + i] - max);
      y[yo + i] = e;
      sum += e;
    }
    float scale = 1f / sum;
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector.fromArray(S, y, yo + i).mul(scale).intoArray(y, yo + i);
    }
    for (; i < k; i++) {
      y[yo + i] *= scale;
    }
  }

  /** The gradient of {@link #planes}. */
  static void planesBackward(
      float[] y, int yo, float[] gy, int gyo, float[] gx, int gxo, int k, int stride, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector dot = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        dot = FloatVector.fromArray(S, y, yo + at).fma(FloatVector.fromArray(S, gy, gyo + at), dot);
      }
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        FloatVector.fromArray(S, gy, gyo + at)
            .sub(dot)
            .mul(FloatVector.fromArray(S, y, yo + at))
            .intoArray(gx, gxo + at);
      }
    }
    for (; i < n; i++) {
      float dot = 0;
      for (int j = 0; j < k; j++) {
        dot = Math.fma(y[yo + j * stride + i], gy[gyo + j * stride + i], dot);
      }
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        gx[gxo + at] = (gy[gyo + at] - dot) * y[yo + at];
      }
    }
  }

  /** The gradient of {@link #row}. */
  static void rowBackward(float[] y, int yo, float[] gy, int gyo, float[] gx, int gxo, int k) {
    FloatVector d = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(k); i += LANES) {
      d = FloatVector.fromArray(S, y, yo + i).fma(FloatVector.fromArray(S, gy, gyo + i), d);
    }
    float dot = VectorMath.sum(d);
    for (; i < k; i++) {
      dot = Math.fma(y[yo + i], gy[gyo + i], dot);
    }
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector.fromArray(S, gy, gyo + i)
          .sub(dot)
          .mul(FloatVector.fromArray(S, y, yo + i))
          .intoArray(gx, gxo + i);
    }
    for (; i < k; i++) {
      gx[gxo + i] = (gy[gyo + i] - dot) * y[yo + i];
    }
  }
}
