package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Pixel contrast against a memory of labelled vectors (Oord et al. 2018; paper eq. 8): one group
 * for each anchor, from its products with the memory's vectors.
 *
 * <p>With logits s, M the largest logit of a negative and {@code N = sum over negatives of e^(s_n -
 * M)}, which is at least 1, a positive costs {@code log(e^d + N) - d} where {@code d = s_p - M}, or
 * {@code log(1 + N e^-d)}: the one or the other, so that no exponent is positive.
 *
 * <p>A thread of a group has slots t, t + {@link #THREADS}, ... of all classes' slots in a row.
 */
final class InfoNceKernels {
  /** Threads of a group. */
  static final int THREADS = Trees.THREADS;

  /** Less than any logit. */
  private static final float LOWEST = -3.4e38f;

  private InfoNceKernels() {}

  /**
   * Number of the anchor's positives, which are its class's slots in use; 0 if it takes no part,
   * since its class is none of the memory's or there is no negative.
   */
  private static int positives(IntArray n, int filled, int own, int classes) {
    int positives = 0;
    int negatives = 0;
    for (int j = 0; j < classes; j++) {
      int used = n.get(filled + j);
      if (j == own) {
        positives = used;
      } else {
        negatives += used;
      }
    }
    if (negatives == 0) {
      positives = 0;
    }
    return positives;
  }

  /** Whether a slot is a negative of an anchor of class own: in use by another class. */
  private static boolean isNegative(IntArray n, int filled, int own, int slots, int j) {
    boolean negative = false;
    if (j / slots != own) {
      negative = j % slots < n.get(filled + j / slots);
    }
    return negative;
  }

  /** M. */
  private static float largestNegative(
      KernelContext c,
      FloatArray x,
      IntArray n,
      int row,
      int length,
      int filled,
      int own,
      int slots) {
    float max = LOWEST;
    for (int j = c.localIdx; j < length; j += THREADS) {
      if (isNegative(n, filled, own, slots, j)) {
        max = TornadoMath.max(max, x.get(row + j));
      }
    }
    return Trees.max(c, max);
  }

  /** N. */
  private static float sumOfNegatives(
      KernelContext c,
      FloatArray x,
      IntArray n,
      int row,
      int length,
      int filled,
      int own,
      int slots,
      float largest) {
    float sum = 0f;
    for (int j = c.localIdx; j < length; j += THREADS) {
      if (isNegative(n, filled, own, slots, j)) {
        sum += TornadoMath.exp(x.get(row + j) - largest);
      }
    }
    return Trees.sum(c, sum);
  }

  /** {@code log(e^d + N) - d}. */
  private static float cost(float d, float negatives) {
    float cost = 0f;
    if (d > 0f) {
      cost = TornadoMath.log(1f + negatives * TornadoMath.exp(-d));
    } else {
      cost = TornadoMath.log(TornadoMath.exp(d) + negatives) - d;
    }
    return cost;
  }

  /** {@code N / (e^d + N)}. */
  private static float shareOfNegatives(float d, float negatives) {
    float share = 0f;
    if (d > 0f) {
      float part = negatives * TornadoMath.exp(-d);
      share = part / (1f + part);
    } else {
      share = negatives / (TornadoMath.exp(d) + negatives);
    }
    return share;
  }

  /**
   * Divides the anchor's products by the temperature and leaves its loss, and whether it has one (1
   * or 0), in scratch memory.
   *
   * <p>p: products, then logits, anchorClass, filled, losses and then flags, anchors, classes,
   * slots; s: 1 / temperature.
   */
  static void infoNceAnchor(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int anchor = c.groupIdx;
    int filled = p.get(2);
    int classes = p.get(5);
    int slots = p.get(6);
    int length = classes * slots;
    int row = p.get(0) + anchor * length;
    int own = n.get(p.get(1) + anchor);
    int positives = positives(n, filled, own, classes);
    for (int j = c.localIdx; j < length; j += THREADS) {
      x.set(row + j, x.get(row + j) * s.get(0));
    }
    float largest = largestNegative(c, x, n, row, length, filled, own, slots);
    float negatives = sumOfNegatives(c, x, n, row, length, filled, own, slots, largest);
    float costs = 0f;
    for (int j = c.localIdx; j < length; j += THREADS) {
      if (j / slots == own && j % slots < positives) {
        costs += cost(x.get(row + j) - largest, negatives);
      }
    }
    float sum = Trees.sum(c, costs);
    if (c.localIdx == 0) {
      float loss = 0f;
      float flag = 0f;
      if (positives > 0) {
        loss = sum / positives;
        flag = 1f;
      }
      x.set(p.get(3) + anchor, loss);
      x.set(p.get(3) + p.get(4) + anchor, flag);
    }
  }

  /**
   * The anchor's logits become derivatives of the loss by its products with the memory's vectors.
   * With P positives and the shares {@code N / (e^d + N)} of negatives these are {@code -share / P}
   * for a positive and {@code e^(s_n - M) / N * (sum of shares) / P} for a negative, times {@code
   * gLoss / (count * temperature)}; 0 for slots that are not in use and anchors that take no part.
   *
   * <p>p: logits, anchorClass, filled, loss and count, gLoss, classes, slots; s: 1 / temperature.
   */
  static void infoNceDerivatives(
      KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int anchor = c.groupIdx;
    int filled = p.get(2);
    int classes = p.get(5);
    int slots = p.get(6);
    int length = classes * slots;
    int row = p.get(0) + anchor * length;
    int own = n.get(p.get(1) + anchor);
    int positives = positives(n, filled, own, classes);
    float largest = largestNegative(c, x, n, row, length, filled, own, slots);
    float negatives = sumOfNegatives(c, x, n, row, length, filled, own, slots, largest);
    float share = 0f;
    for (int j = c.localIdx; j < length; j += THREADS) {
      if (j / slots == own && j % slots < positives) {
        share += shareOfNegatives(x.get(row + j) - largest, negatives);
      }
    }
    float shares = Trees.sum(c, share);
    float factor = 0f;
    if (positives > 0) {
      factor = x.get(p.get(4)) / x.get(p.get(3) + 1) * s.get(0) / positives;
    }
    for (int j = c.localIdx; j < length; j += THREADS) {
      float g = 0f;
      if (positives > 0) {
        float d = x.get(row + j) - largest;
        if (isNegative(n, filled, own, slots, j)) {
          g = factor * shares / negatives * TornadoMath.exp(d);
        }
        if (j / slots == own && j % slots < positives) {
          g = -factor * shareOfNegatives(d, negatives);
        }
      }
      x.set(row + j, g);
    }
  }
}
