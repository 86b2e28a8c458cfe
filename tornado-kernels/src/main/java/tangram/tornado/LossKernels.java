package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Losses pixel by pixel. A loss is added up in two phases: every thread adds up pixels, every group
 * its threads' sums, which it leaves in scratch memory; then one group adds up the groups' sums.
 * How pixels are shared out depends on their number only, so the same inputs give the same bits.
 */
final class LossKernels {
  /** Threads of a group of sums. */
  static final int THREADS = Trees.THREADS;

  private LossKernels() {}

  /** y[0] = factor * the sum of x. p: x, y, length; s: factor; one group. */
  static void scaledSum(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float v = 0f;
    for (int i = c.localIdx; i < p.get(2); i += THREADS) {
      v += x.get(p.get(0) + i);
    }
    float sum = Trees.sum(c, v);
    if (c.localIdx == 0) {
      x.set(p.get(1), s.get(0) * sum);
    }
  }

  /**
   * y[1] = the sum of counts, y[0] = the sum of x by that of counts, or 0 if nothing was counted.
   * p: x, y, length; the counts follow x; one group.
   */
  static void countedMean(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int length = p.get(2);
    float v = 0f;
    float counted = 0f;
    for (int i = c.localIdx; i < length; i += THREADS) {
      v += x.get(p.get(0) + i);
      counted += x.get(p.get(0) + length + i);
    }
    float sum = Trees.sum(c, v);
    float count = Trees.sum(c, counted);
    if (c.localIdx == 0) {
      float mean = 0f;
      if (count > 0f) {
        mean = sum / count;
      }
      x.set(p.get(1), mean);
      x.set(p.get(1) + 1, count);
    }
  }

  /**
   * First phase: sums of {@code -log(q[label] + eps)} and numbers of labelled pixels.
   *
   * <p>p: q, labels, partial sums, then numbers, k, hw, n hw, number of groups; s: eps.
   */
  static void crossEntropy(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int k = p.get(3);
    int hw = p.get(4);
    int pixels = p.get(5);
    int groups = p.get(6);
    float v = 0f;
    float counted = 0f;
    for (int i = c.globalIdx; i < pixels; i += groups * THREADS) {
      int label = n.get(p.get(1) + i);
      if (label >= 0 && label < k) {
        float q = x.get(p.get(0) + (i / hw * k + label) * hw + i % hw);
        v -= TornadoMath.log(q + s.get(0));
        counted += 1f;
      }
    }
    float sum = Trees.sum(c, v);
    float count = Trees.sum(c, counted);
    if (c.localIdx == 0) {
      x.set(p.get(2) + c.groupIdx, sum);
      x.set(p.get(2) + groups + c.groupIdx, count);
    }
  }

  /**
   * {@code gq[label] = -gLoss / (count * (q[label] + eps))}, 0 elsewhere: one thread for each
   * pixel.
   *
   * <p>p: q, labels, loss and count, gLoss, gq, k, hw, n hw; s: eps.
   */
  static void crossEntropyBackward(
      KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(7)) {
      int k = p.get(5);
      int hw = p.get(6);
      int label = n.get(p.get(1) + i);
      int first = i / hw * k * hw + i % hw;
      for (int j = 0; j < k; j++) {
        float g = 0f;
        if (j == label) {
          float q = x.get(p.get(0) + first + j * hw);
          g = -x.get(p.get(3)) / (x.get(p.get(2) + 1) * (q + s.get(0)));
        }
        x.set(p.get(4) + first + j * hw, g);
      }
    }
  }

  /** First phase: sums of (a - b)^2. p: a, b, partial sums, length, number of groups. */
  static void squares(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float v = 0f;
    for (int i = c.globalIdx; i < p.get(3); i += p.get(4) * THREADS) {
      float d = x.get(p.get(0) + i) - x.get(p.get(1) + i);
      v += d * d;
    }
    float sum = Trees.sum(c, v);
    if (c.localIdx == 0) {
      x.set(p.get(2) + c.groupIdx, sum);
    }
  }

  /** p: a, b, gLoss, ga, length; s: 2 / length. */
  static void squaresBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      float d = x.get(p.get(0) + i) - x.get(p.get(1) + i);
      x.set(p.get(3) + i, x.get(p.get(2)) * s.get(0) * d);
    }
  }

  /** First phase: sums of cosines. p: p, q, partial sums, k, hw, n hw, number of groups; s: eps. */
  static void cosine(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int k = p.get(3);
    int hw = p.get(4);
    int pixels = p.get(5);
    int groups = p.get(6);
    float v = 0f;
    for (int i = c.globalIdx; i < pixels; i += groups * THREADS) {
      int first = i / hw * k * hw + i % hw;
      float pp = 0f;
      float qq = 0f;
      float pq = 0f;
      for (int j = 0; j < k; j++) {
        float a = x.get(p.get(0) + first + j * hw);
        float b = x.get(p.get(1) + first + j * hw);
        pp += a * a;
        qq += b * b;
        pq += a * b;
      }
      float normP = TornadoMath.max(TornadoMath.sqrt(pp), s.get(0));
      float normQ = TornadoMath.max(TornadoMath.sqrt(qq), s.get(0));
      v += pq / (normP * normQ);
    }
    float sum = Trees.sum(c, v);
    if (c.localIdx == 0) {
      x.set(p.get(2) + c.groupIdx, sum);
    }
  }

  /**
   * {@code gq = -gLoss / pixels * (p / (|p| |q|) - cos * q / |q|^2)}; where |q| is below eps the
   * norm is a constant and the second term is absent. One thread for each pixel.
   *
   * <p>p: p, q, gLoss, gq, k, hw, n hw; s: eps, -1 / pixels.
   */
  static void cosineBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(6)) {
      int k = p.get(4);
      int hw = p.get(5);
      int first = i / hw * k * hw + i % hw;
      float pp = 0f;
      float qq = 0f;
      float pq = 0f;
      for (int j = 0; j < k; j++) {
        float a = x.get(p.get(0) + first + j * hw);
        float b = x.get(p.get(1) + first + j * hw);
        pp += a * a;
        qq += b * b;
        pq += a * b;
      }
      float normP = TornadoMath.max(TornadoMath.sqrt(pp), s.get(0));
      float trueNormQ = TornadoMath.sqrt(qq);
      float normQ = TornadoMath.max(trueNormQ, s.get(0));
      float ofP = x.get(p.get(2)) * s.get(1) / (normP * normQ);
      float ofQ = 0f;
      if (trueNormQ > s.get(0)) {
        ofQ = ofP * pq / (normQ * normQ);
      }
      for (int j = 0; j < k; j++) {
        float a = x.get(p.get(0) + first + j * hw);
        float b = x.get(p.get(1) + first + j * hw);
        x.set(p.get(3) + first + j * hw, ofP * a - ofQ * b);
      }
    }
  }

  /** p: q, scribbles, threshold, uncertainty, labels, k, hw, n hw; s: eps. */
  static void confirmLabels(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(7)) {
      int k = p.get(5);
      int hw = p.get(6);
      int first = p.get(0) + i / hw * k * hw + i % hw;
      float entropy = 0f;
      float largest = 0f;
      int label = 0;
      for (int j = 0; j < k; j++) {
        float q = x.get(first + j * hw);
        entropy -= q * TornadoMath.log(q + s.get(0));
        if (j == 0 || q > largest) {
          largest = q;
          label = j;
        }
      }
      if (entropy >= x.get(p.get(2))) {
        label = -1;
      }
      int scribble = n.get(p.get(1) + i);
      if (scribble >= 0 && scribble < k) {
        label = scribble;
      }
      x.set(p.get(3) + i, entropy);
      n.set(p.get(4) + i, label);
    }
  }
}
