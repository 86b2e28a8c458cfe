package tangram.tensor.reference;

import tangram.tensor.Buffer;

/**
 * Pixel contrast against a memory of labelled vectors (Oord et al. 2018; paper eq. 8).
 *
 * <p>With {@code s_j = v . queue_j / t} and {@code N = sum over negatives of e^(s_j)}, an anchor
 * costs {@code mean over positives p of (log(e^(s_p) + N) - s_p)}. All exponents are shifted by the
 * largest logit of the anchor, which cancels.
 */
final class ReferenceInfoNce {
  private ReferenceInfoNce() {}

  static void forward(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer vBuffer,
      Buffer anchorClassBuffer,
      Buffer queueBuffer,
      Buffer filledBuffer,
      double temperature,
      Buffer logitBuffer,
      Buffer lossBuffer) {
    Reals v = Reals.of(vBuffer, anchors, dim);
    Ints anchorClass = Ints.of(anchorClassBuffer);
    Reals queue = Reals.of(queueBuffer, classes, slots, dim);
    Ints filled = Ints.of(filledBuffer);
    Reals logits = Reals.of(logitBuffer, anchors, classes, slots);
    Reals loss = Reals.of(lossBuffer, 2);
    double total = 0;
    int count = 0;
    for (int a = 0; a < anchors; a++) {
      for (int c = 0; c < classes; c++) {
        for (int s = 0; s < slots; s++) {
          double dot = 0;
          for (int d = 0; d < dim; d++) {
            dot += v.get(a, d) * queue.get(c, s, d);
          }
          logits.set(a, c, s, dot / temperature);
        }
      }
      int own = anchorClass.get(a);
      if (!takesPart(own, classes, filled)) {
        continue;
      }
      double max = largestLogit(a, classes, filled, logits);
      double negatives = sumOfNegatives(a, own, classes, filled, logits, max);
      double sum = 0;
      for (int s = 0; s < filled.get(own); s++) {
        double positive = logits.get(a, own, s);
        sum += Math.log(Math.exp(positive - max) + negatives) - (positive - max);
      }
      total += sum / filled.get(own);
      count++;
    }
    loss.set(0, count == 0 ? 0 : total / count);
    loss.set(1, count);
  }

  /**
   * With {@code r_p = 1 / (e^(s_p) + N)} and the mean over P positives: the derivative by a
   * positive logit is {@code (e^(s_p) r_p - 1) / P}, by a negative logit {@code e^(s_n) * sum_p r_p
   * / P}. The logits become these derivatives, and {@code gv = sum_j derivative_j * queue_j / t}.
   */
  static void backward(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer anchorClassBuffer,
      Buffer queueBuffer,
      Buffer filledBuffer,
      double temperature,
      Buffer logitBuffer,
      Buffer lossBuffer,
      Buffer gLossBuffer,
      Buffer gvBuffer) {
    Ints anchorClass = Ints.of(anchorClassBuffer);
    Reals queue = Reals.of(queueBuffer, classes, slots, dim);
    Ints filled = Ints.of(filledBuffer);
    Reals logits = Reals.of(logitBuffer, anchors, classes, slots);
    double count = Reals.of(lossBuffer, 2).get(1);
    double gLoss = Reals.of(gLossBuffer).get(0);
    Reals gv = Reals.of(gvBuffer, anchors, dim);
    gv.fill(0);
    for (int a = 0; a < anchors; a++) {
      int own = anchorClass.get(a);
      if (!takesPart(own, classes, filled)) {
        continue;
      }
      double max = largestLogit(a, classes, filled, logits);
      double negatives = sumOfNegatives(a, own, classes, filled, logits, max);
      int positives = filled.get(own);
      double sumOfReciprocals = 0;
      for (int s = 0; s < positives; s++) {
        sumOfReciprocals += 1 / (Math.exp(logits.get(a, own, s) - max) + negatives);
      }
      for (int c = 0; c < classes; c++) {
        for (int s = 0; s < filled.get(c); s++) {
          double e = Math.exp(logits.get(a, c, s) - max);
          double derivative =
              c == own ? (e / (e + negatives) - 1) / positives : e * sumOfReciprocals / positives;
          logits.set(a, c, s, derivative);
          for (int d = 0; d < dim; d++) {
            gv.add(a, d, gLoss / count * derivative * queue.get(c, s, d) / temperature);
          }
        }
      }
    }
  }

  /** Whether the anchor's class is in the queue with at least one positive and one negative. */
  private static boolean takesPart(int own, int classes, Ints filled) {
    if (own < 0 || own >= classes || filled.get(own) == 0) {
      return false;
    }
    for (int c = 0; c < classes; c++) {
      if (c != own && filled.get(c) > 0) {
        return true;
      }
    }
    return false;
  }

  private static double largestLogit(int anchor, int classes, Ints filled, Reals logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      for (int s = 0; s < filled.get(c); s++) {
        max = Math.max(max, logits.get(anchor, c, s));
      }
    }
    return max;
  }

  private static double sumOfNegatives(
      int anchor, int own, int classes, Ints filled, Reals logits, double max) {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      if (c != own) {
        for (int s = 0; s < filled.get(c); s++) {
          sum += Math.exp(logits.get(anchor, c, s) - max);
        }
      }
    }
    return sum;
  }
}
