package tangram.tensor.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionShape;

/**
 * {@link Attention}, a window and a head at a time: their matrices fit the first-level cache, and
 * nothing but the results goes back to memory.
 */
final class VectorAttention implements Attention {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** The gradient of the bias is summed over this many groups of windows, then over the groups. */
  private static final int GROUPS = 32;

  @Override
  public void windowAttention(
      AttentionShape shape,
      Buffer qkv,
      Buffer bias,
      Buffer mask,
      Buffer probabilities,
      Buffer out) {
    int t = shape.tokens();
    int d = shape.headDim();
    int heads = shape.heads();
    float[] x = qkv.floats();
    float[] b = bias.floats();
    float[] m = mask == null ? null : mask.floats();
    float[] p = probabilities.floats();
    float[] y = out.floats();
    int token = 3 * heads * d;
    float scale = (float) (1 / Math.sqrt(d));
    VectorTiles.run(
        shape.windows(),
        VectorTiles.items((long) heads * t * (t + 4 * d)),
        (from, to) -> {
          float[] keys = Scratch.floats(Scratch.SMALL, (long) t * d);
          for (int w = from; w < to; w++) {
            int maskAt = mask == null ? 0 : mask.offset() + w % shape.windowsPerImage() * t * t;
            for (int h = 0; h < heads; h++) {
              int q = qkv.offset() + w * t * token + h * d;
              int k = q + heads * d;
              int v = k + heads * d;
              int scores = probabilities.offset() + (w * heads + h) * t * t;
              VectorTranspose.transpose(x, k, token, keys, 0, t, d, t);
              VectorSmallProduct.multiply(t, t, d, x, q, token, 1, keys, 0, t, p, scores, t);
              int biasAt = bias.offset() + h * t * t;
              for (int i = 0; i < t; i++) {
                softmax(p, scores + i * t, b, biasAt + i * t, m, maskAt + i * t, t, scale);
              }
              int target = out.offset() + (w * t * heads + h) * d;
              VectorSmallProduct.multiply(
                  t, d, t, p, scores, t, 1, x, v, token, y, target, heads * d);
            }
          }
        });
  }

  /** One row of scores becomes softmax(scale * row + bias + mask). */
  static void softmax(float[] s, int so, float[] b, int bo, float[] m, int mo, int n, float scale) {
    float max = Float.NEGATIVE_INFINITY;
    FloatVector maxima = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    int j = 0;
    for (; j < S.loopBound(n); j += LANES) {
      FloatVector v =
          FloatVector.fromArray(S, s, so + j)
              .fma(FloatVector.broadcast(S, scale), FloatVector.fromArray(S, b, bo + j));
      if (m != null) {
        v = v.add(FloatVector.fromArray(S, m, mo + j));
      }
      v.intoArray(s, so + j);
      maxima = VectorMath.max(maxima, v);
    }
    for (; j < n; j++) {
      float v = Math.fma(s[so + j], scale, b[bo + j]);
      if (m != null) {
        v += m[mo + j];
      }
      s[so + j] = v;
      max = Math.max(max, v);
    }
    max = Math.max(max, VectorMath.max(maxima));
    FloatVector sums = FloatVector.zero(S);
    for (j = 0; j < S.loopBound(n); j += LANES) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, s, so + j).sub(max));
      e.intoArray(s, so + j);
      sums = sums.add(e);
    }
    float sum = VectorMath.sum(sums);
    for (; j < n; j++) {
      float e = VectorMath.exp(s[so + j] - max);
      s[so + j] = e;
      sum += e;
    }
    float inverse = 1 / sum;
    for (j = 0; j < S.loopBound(n); j += LANES) {
      FloatVector.fromArray(S, s, so + j).mul(inverse).intoArray(s, so + j);
    }
    for (; j < n; j++) {
      s[so + j] *= inverse;
    }
  }

  @Override
  public void windowAttentionBackward(
      AttentionShape shape,
      Buffer qkv,
      Buffer probabilities,
      Buffer gOut,
      Buffer gQkv,
      Buffer gBias) {
    int t = shape.tokens();
    int heads = shape.heads();
    int windows = shape.windows();
    int biasSize = heads * t * t;
    int group = Math.max(1, VectorTiles.count(Math.max(1, windows), GROUPS));
    int groups = VectorTiles.count(Math.max(1, windows), group);
    float[] partial = Scratch.floats(Scratch.PARTIAL, (long) groups * biasSize);
    if (windows == 0) {
      Arrays.fill(partial, 0, biasSize, 0);
    }
    VectorTiles.run(
        windows,
        group,
        (from, to) -> {
          int sum = from / group * biasSize;
          Arrays.fill(partial, sum, sum + biasSize, 0);
          for (int w = from; w < to; w++) {
            for (int h = 0; h < heads; h++) {
              backward(shape, w, h, qkv, probabilities, gOut, gQkv, partial, sum + h * t * t);
            }
          }
        });
    VectorTiles.run(
        biasSize,
        Math.max(64, VectorTiles.items(groups) / 16 * 16),
        (from, to) ->
            VectorReduction.sumPartials(
                partial, from, groups, biasSize, to - from, gBias.floats(), gBias.offset() + from));
  }

  private static void backward(
      AttentionShape shape,
      int w,
      int h,
      Buffer qkv,
      Buffer probabilities,
      Buffer gOut,
      Buffer gQkv,
      float[] gBias,
      int gBiasAt) {
    int t = shape.tokens();
    int d = shape.headDim();
    int heads = shape.heads();
    int token = 3 * heads * d;
    float[] x = qkv.floats();
    float[] p = probabilities.floats();
    float[] gy = gOut.floats();
    float[] gx = gQkv.floats();
    float[] values = Scratch.floats(Scratch.SMALL, (long) t * (d + t));
    int gScores = t * d;
    int q = w * t * token + h * d;
    int k = q + heads * d;
    int v = k + heads * d;
    int xo = qkv.offset();
    int gxo = gQkv.offset();
    int po = probabilities.offset() + (w * heads + h) * t * t;
    int gyo = gOut.offset() + (w * t * heads + h) * d;

    VectorSmallProduct.multiply(t, d, t, p, po, 1, t, gy, gyo, heads * d, gx, gxo + v, token);
    VectorTranspose.transpose(x, xo + v, token, values, 0, t, d, t);
    VectorSmallProduct.multiply(t, t, d, gy, gyo, heads * d, 1, values, 0, t, values, gScores, t);
    float scale = (float) (1 / Math.sqrt(d));
    for (int i = 0; i < t; i++) {
      softmaxBackward(p, po + i * t, values, gScores + i * t, gBias, gBiasAt + i * t, t, scale);
    }
    VectorSmallProduct.multiply(
        t, d, t, values, gScores, t, 1, x, xo + k, token, gx, gxo + q, token);
    VectorSmallProduct.multiply(
        t, d, t, values, gScores, 1, t, x, xo + q, token, gx, gxo + k, token);
  }

  /**
   * One row: g becomes the gradient of the unscaled scores, and that of the scaled ones is added to
   * the bias's.
   */
  static void softmaxBackward(
      float[] p, int po, float[] g, int go, float[] b, int bo, int n, float scale) {
    FloatVector dots = FloatVector.zero(S);
    int j = 0;
    for (; j < S.loopBound(n); j += LANES) {
      dots = FloatVector.fromArray(S, p, po + j).fma(FloatVector.fromArray(S, g, go + j), dots);
    }
    float dot = VectorMath.sum(dots);
    for (; j < n; j++) {
      dot = Math.fma(p[po + j], g[go + j], dot);
    }
    for (j = 0; j < S.loopBound(n); j += LANES) {
      FloatVector v =
          FloatVector.fromArray(S, g, go + j).sub(dot).mul(FloatVector.fromArray(S, p, po + j));
      FloatVector.fromArray(S, b, bo + j).add(v).intoArray(b, bo + j);
      v.mul(scale).intoArray(g, go + j);
    }
    for (; j < n; j++) {
      float v = (g[go + j] - dot) * p[po + j];
      b[bo + j] += v;
      g[go + j] = v * scale;
    }
  }
}
