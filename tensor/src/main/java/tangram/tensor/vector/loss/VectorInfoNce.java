package tangram.tensor.vector.loss;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.norm.VectorRows;
import tangram.tensor.vector.reduction.VectorReduction;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Pixel contrast against a queue (paper eq. 8). With logits l and {@code L = log(sum over negatives
 * of e^l)}, a positive p costs {@code log(1 + e^(L - l_p))}, which no logit can overflow. Its
 * derivative by l_p is {@code -s_p} with {@code s_p = 1 / (1 + e^(l_p - L))}, by a negative logit
 * {@code s_p e^(l_n - L)}.
 */
final class VectorInfoNce {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private final int classes;
  private final int slots;
  private final int[] anchorClass;
  private final int anchorClassAt;
  private final int[] filled;
  private final double temperature;

  VectorInfoNce(int classes, int slots, Buffer anchorClass, Buffer filled, double temperature) {
    this.classes = classes;
    this.slots = slots;
    this.anchorClass = anchorClass.ints();
    this.anchorClassAt = anchorClass.offset();
    this.filled = Arrays.copyOfRange(filled.ints(), filled.offset(), filled.offset() + classes);
    this.temperature = temperature;
    for (int f : this.filled) {
      if (f < 0 || f > slots) {
        throw new IllegalArgumentException(f + " filled slots of " + slots);
      }
    }
  }

  void forward(int anchors, int dim, Buffer v, Buffer queue, Buffer logits, Buffer loss) {
    float[] l = logits.floats();
    int row = classes * slots;
    Gemm.sgemm(
        false,
        true,
        anchors,
        row,
        dim,
        v.floats(),
        v.offset(),
        dim,
        queue.floats(),
        queue.offset(),
        dim,
        l,
        logits.offset(),
        row,
        false);
    double[] losses = new double[anchors];
    VectorTiles.run(
        anchors,
        VectorTiles.items(4L * row),
        (from, to) -> {
          for (int a = from; a < to; a++) {
            int at = logits.offset() + a * row;
            VectorRows.scale(l, at, (float) (1 / temperature), l, at, row);
            int own = ownClass(a);
            if (own >= 0) {
              double negatives = logSumOfNegatives(l, at, own);
              losses[a] =
                  softplus(l, at + own * slots, filled[own], (float) negatives) / filled[own];
            }
          }
        });
    int count = 0;
    for (int a = 0; a < anchors; a++) {
      count += ownClass(a) >= 0 ? 1 : 0;
    }
    loss.floats()[loss.offset()] = count == 0 ? 0 : (float) (VectorReduction.sum(losses) / count);
    loss.floats()[loss.offset() + 1] = count;
  }

  void backward(
      int anchors, int dim, Buffer queue, Buffer logits, Buffer loss, float gLoss, Buffer gv) {
    float[] l = logits.floats();
    int row = classes * slots;
    float count = loss.floats()[loss.offset() + 1];
    VectorTiles.run(
        anchors,
        VectorTiles.items(4L * row),
        (from, to) -> {
          for (int a = from; a < to; a++) {
            int at = logits.offset() + a * row;
            int own = ownClass(a);
            if (own < 0) {
              Arrays.fill(l, at, at + row, 0);
              continue;
            }
            float negatives = (float) logSumOfNegatives(l, at, own);
            float factor = (float) (gLoss / (count * filled[own] * temperature));
            float sum = sigmoid(l, at + own * slots, filled[own], negatives, -factor);
            for (int c = 0; c < classes; c++) {
              if (c != own) {
                exp(l, at + c * slots, filled[c], negatives, factor * sum);
              }
            }
          }
        });
    float[] g = gv.floats();
    Arrays.fill(g, gv.offset(), gv.offset() + anchors * dim, 0);
    // Unused slots of the queue may hold anything, even NaN.
    for (int c = 0; c < classes; c++) {
      Gemm.sgemm(
          false,
          false,
          anchors,
          dim,
          filled[c],
          l,
          logits.offset() + c * slots,
          row,
          queue.floats(),
          queue.offset() + c * slots * dim,
          dim,
          g,
          gv.offset(),
          dim,
          true);
    }
  }

  /** Class of an anchor, or -1 if it has no positive or no negative. */
  private int ownClass(int anchor) {
    int own = anchorClass[anchorClassAt + anchor];
    if (own < 0 || own >= classes || filled[own] == 0) {
      return -1;
    }
    for (int c = 0; c < classes; c++) {
      if (c != own && filled[c] > 0) {
        return own;
      }
    }
    return -1;
  }

  private double logSumOfNegatives(float[] l, int at, int own) {
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      if (c != own) {
        max = Math.max(max, max(l, at + c * slots, filled[c]));
      }
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      if (c != own) {
        sum += sumOfExp(l, at + c * slots, filled[c], max);
      }
    }
    return max + Math.log(sum);
  }

  private static float max(float[] x, int xo, int n) {
    FloatVector m = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      m = VectorMath.max(m, FloatVector.fromArray(S, x, xo + i));
    }
    float max = VectorMath.max(m);
    for (; i < n; i++) {
      max = Math.max(max, x[xo + i]);
    }
    return max;
  }

  private static float sumOfExp(float[] x, int xo, int n, float shift) {
    FloatVector s = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      s = VectorMath.exp(FloatVector.fromArray(S, x, xo + i).sub(shift)).add(s);
    }
    float sum = VectorMath.sum(s);
    for (; i < n; i++) {
      sum += VectorMath.exp(x[xo + i] - shift);
    }
    return sum;
  }

  /** Sum of log(1 + e^(shift - x)). */
  private static float softplus(float[] x, int xo, int n, float shift) {
    FloatVector s = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector z = FloatVector.broadcast(S, shift).sub(FloatVector.fromArray(S, x, xo + i));
      FloatVector e = VectorMath.exp(z.abs().neg());
      s = z.max(0f).add(VectorMath.log(e.add(1f))).add(s);
    }
    float sum = VectorMath.sum(s);
    for (; i < n; i++) {
      float z = shift - x[xo + i];
      sum += Math.max(z, 0) + VectorMath.log(1 + VectorMath.exp(-Math.abs(z)));
    }
    return sum;
  }

  /** x becomes factor / (1 + e^(x - shift)); returns the sum without the factor. */
  private static float sigmoid(float[] x, int xo, int n, float shift, float factor) {
    FloatVector s = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector z = FloatVector.broadcast(S, shift).sub(FloatVector.fromArray(S, x, xo + i));
      FloatVector e = VectorMath.exp(z.abs().neg());
      VectorMask<Float> negative = z.compare(VectorOperators.LT, 0f);
      FloatVector y = FloatVector.broadcast(S, 1f).blend(e, negative).div(e.add(1f));
      s = y.add(s);
      y.mul(factor).intoArray(x, xo + i);
    }
    float sum = VectorMath.sum(s);
    for (; i < n; i++) {
      float z = shift - x[xo + i];
      float e = VectorMath.exp(-Math.abs(z));
      float y = (z < 0 ? e : 1) / (e + 1);
      sum += y;
      x[xo + i] = y * factor;
    }
    return sum;
  }

  /** x becomes factor * e^(x - shift). */
  private static void exp(float[] x, int xo, int n, float shift, float factor) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      VectorMath.exp(FloatVector.fromArray(S, x, xo + i).sub(shift))
          .mul(factor)
          .intoArray(x, xo + i);
    }
    for (; i < n; i++) {
      x[xo + i] = VectorMath.exp(x[xo + i] - shift) * factor;
    }
  }
}
