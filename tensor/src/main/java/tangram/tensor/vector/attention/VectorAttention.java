package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionShape;
import tangram.tensor.vector.reduction.VectorReduction;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;
import tangram.tensor.vector.runtime.VectorTranspose;

/**
 * {@link Attention}, a window and a head at a time: their matrices fit the first-level cache, and
 * nothing but the results goes back to memory.
 */
public final class VectorAttention implements Attention {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** The gradient of the bias is summed over this many groups of windows, then over the groups. */
  private static final int GROUPS = 32;

  /**
   * The scores are computed transposed, [key, query]: then the softmax of sixteen queries, say,
   * runs in the lanes of a vector, and needs no sum or maximum across lanes.
   */
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
    int square = t * t;
    float[] x = qkv.floats();
    float[] p = probabilities.floats();
    float[] y = out.floats();
    int token = 3 * heads * d;
    float scale = (float) (1 / Math.sqrt(d));
    int masks = mask == null ? 0 : shape.windowsPerImage();
    float[] added =
        Scratch.floats(Scratch.PARTIAL, (long) (heads + masks) * square + Scratch.ALIGNED);
    transposeAll(bias, heads, t, added, Scratch.ALIGNED);
    int maskAt = Scratch.ALIGNED + heads * square;
    if (mask != null) {
      transposeAll(mask, masks, t, added, maskAt);
    }
    VectorTiles.run(
        shape.windows(),
        VectorTiles.items((long) heads * t * (t + 4 * d)),
        (from, to) -> {
          float[] work =
              Scratch.floats(
                  Scratch.SMALL, square + (long) t * d + (long) t * token + Scratch.ALIGNED);
          int window = Scratch.ALIGNED;
          int scores = window + t * token;
          int queries = scores + square;
          for (int w = from; w < to; w++) {
            // Heads take every third line or so: fetch the lines in order once.
            System.arraycopy(x, qkv.offset() + w * t * token, work, window, t * token);
            for (int h = 0; h < heads; h++) {
              int q = window + h * d;
              int k = q + heads * d;
              int v = k + heads * d;
              VectorTranspose.transpose(work, q, token, work, queries, t, d, t);
              VectorSmallProduct.multiply(
                  t, t, d, work, k, token, 1, work, queries, t, work, scores, t);
              int b = Scratch.ALIGNED + h * square;
              if (mask == null) {
                addBias(work, scores, added, b, square, scale);
              } else {
                int m = maskAt + w % masks * square;
                addBiasAndMask(work, scores, added, b, m, square, scale);
              }
              softmaxColumns(work, scores, t);
              int target = probabilities.offset() + (w * heads + h) * square;
              VectorTranspose.transpose(work, scores, t, p, target, t, t, t);
              VectorSmallProduct.multiply(
                  t,
                  d,
                  t,
                  p,
                  target,
                  t,
                  1,
                  work,
                  v,
                  token,
                  y,
                  out.offset() + (w * t * heads + h) * d,
                  heads * d);
            }
          }
        });
  }

  /** Transposes consecutive matrices [t, t]. */
  private static void transposeAll(Buffer matrices, int count, int t, float[] y, int yo) {
    for (int i = 0; i < count; i++) {
      int at = i * t * t;
      VectorTranspose.transpose(matrices.floats(), matrices.offset() + at, t, y, yo + at, t, t, t);
    }
  }

  /** s = scale * s + bias. */
  private static void addBias(float[] s, int so, float[] b, int bo, int n, float scale) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, s, so + i)
          .fma(FloatVector.broadcast(S, scale), FloatVector.fromArray(S, b, bo + i))
          .intoArray(s, so + i);
    }
    for (; i < n; i++) {
      s[so + i] = Math.fma(s[so + i], scale, b[bo + i]);
    }
  }

  /** s = scale * s + bias + mask. */
  private static void addBiasAndMask(
      float[] s, int so, float[] b, int bo, int mo, int n, float scale) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, s, so + i)
          .fma(FloatVector.broadcast(S, scale), FloatVector.fromArray(S, b, bo + i))
          .add(FloatVector.fromArray(S, b, mo + i))
          .intoArray(s, so + i);
    }
    for (; i < n; i++) {
      s[so + i] = Math.fma(s[so + i], scale, b[bo + i]) + b[mo + i];
    }
  }

  /** Every column of s [t, t] becomes its softmax. */
  private static void softmaxColumns(float[] s, int so, int t) {
    int i = 0;
    for (; i < S.loopBound(t); i += LANES) {
      FloatVector max = FloatVector.fromArray(S, s, so + i);
      for (int j = 1; j < t; j++) {
        max = VectorMath.max(max, FloatVector.fromArray(S, s, so + j * t + i));
      }
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < t; j++) {
        FloatVector e = VectorMath.exp(FloatVector.fromArray(S, s, so + j * t + i).sub(max));
        e.intoArray(s, so + j * t + i);
        sum = e.add(sum);
      }
      FloatVector inverse = FloatVector.broadcast(S, 1f).div(sum);
      for (int j = 0; j < t; j++) {
        FloatVector.fromArray(S, s, so + j * t + i).mul(inverse).intoArray(s, so + j * t + i);
      }
    }
    for (; i < t; i++) {
      float max = s[so + i];
      for (int j = 1; j < t; j++) {
        float v = s[so + j * t + i];
        max = v > max ? v : max;
      }
      float sum = 0;
      for (int j = 0; j < t; j++) {
        float e = VectorMath.exp(s[so + j * t + i] - max);
        s[so + j * t + i] = e;
        sum += e;
      }
      float inverse = 1 / sum;
      for (int j = 0; j < t; j++) {
        s[so + j * t + i] *= inverse;
      }
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
    int d = shape.headDim();
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
          int window = t * 3 * heads * d;
          int outputs = t * heads * d;
          float[] work =
              Scratch.floats(Scratch.SMALL, 2L * window + outputs + t * (d + t) + Scratch.ALIGNED);
          int x = Scratch.ALIGNED;
          int gx = x + window;
          int gy = gx + window;
          for (int w = from; w < to; w++) {
            // As in the forward pass, memory is read and written in order.
            System.arraycopy(qkv.floats(), qkv.offset() + w * window, work, x, window);
            System.arraycopy(gOut.floats(), gOut.offset() + w * outputs, work, gy, outputs);
            for (int h = 0; h < heads; h++) {
              int p = probabilities.offset() + (w * heads + h) * t * t;
              backward(shape, h, work, x, gx, gy, probabilities.floats(), p, partial, sum);
            }
            System.arraycopy(work, gx, gQkv.floats(), gQkv.offset() + w * window, window);
          }
        });
    VectorTiles.run(
        biasSize,
        Math.max(64, VectorTiles.items(groups) / 16 * 16),
        (from, to) ->
            VectorReduction.sumPartials(
                partial, from, groups, biasSize, to - from, gBias.floats(), gBias.offset() + from));
  }

  /**
   * One head of one window.
   *
   * @param work holds the window's qkv at xo, gradient of the output at gyo, room for that of qkv
   *     at gxo, and behind all of them room for [t, d] and [t, t]
   * @param gBias gradients of the bias of all heads are added from gBiasAt on
   */
  private static void backward(
      AttentionShape shape,
      int h,
      float[] work,
      int xo,
      int gxo,
      int gyo,
      float[] p,
      int po,
      float[] gBias,
      int gBiasAt) {
    int t = shape.tokens();
    int d = shape.headDim();
    int out = shape.heads() * d;
    int token = 3 * out;
    int q = h * d;
    int k = q + out;
    int v = k + out;
    int gy = gyo + h * d;
    int values = gyo + t * out;
    int gScores = values + t * d;
    int bias = gBiasAt + h * t * t;
    float scale = (float) (1 / Math.sqrt(d));

    VectorSmallProduct.multiply(t, d, t, p, po, 1, t, work, gy, out, work, gxo + v, token);
    VectorTranspose.transpose(work, xo + v, token, work, values, t, d, t);
    VectorSmallProduct.multiply(t, t, d, work, gy, out, 1, work, values, t, work, gScores, t);
    for (int i = 0; i < t; i++) {
      softmaxBackward(p, po + i * t, work, gScores + i * t, gBias, bias + i * t, t, scale);
    }
    VectorSmallProduct.multiply(
        t, d, t, work, gScores, t, 1, work, xo + k, token, work, gxo + q, token);
    VectorSmallProduct.multiply(
        t, d, t, work, gScores, 1, t, work, xo + q, token, work, gxo + k, token);
  }

  /**
   * One row: g becomes the gradient of the unscaled scores, and that of the scaled ones is added to
   * the bias's.
   */
  private static void softmaxBackward(
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
