package tangram.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Loss;

class ReferenceLossTest extends ReferenceKernelTest {
  private final Loss loss = kernels.loss();

  private Tensor partialCrossEntropy(int k, int hw, Tensor q, Tensor labels, double eps) {
    Tensor result = out(2);
    loss.partialCrossEntropy(1, k, hw, q.buffer(), labels.buffer(), eps, result.buffer());
    return result;
  }

  @Test
  void partialCrossEntropy() {
    Tensor uniform = reals(0.25, 0.25, 0.25, 0.25);
    assertReals(partialCrossEntropy(4, 1, uniform, ints(2), 0), Math.log(4), 1);
    // Three pixels of two classes, the middle one unlabelled: (ln 2 + ln 4) / 2.
    Tensor q = reals(0.5, 0.9, 0.75, 0.5, 0.1, 0.25);
    assertReals(partialCrossEntropy(2, 3, q, ints(0, 4, 1), 0), (Math.log(2) + Math.log(4)) / 2, 2);
    assertReals(partialCrossEntropy(2, 3, q, ints(-1, 2, 4), 0), 0, 0);
    // q = 0 costs -ln eps, not infinity.
    assertReals(partialCrossEntropy(2, 1, reals(0, 1), ints(0), 1e-8), 8 * Math.log(10), 1);
  }

  /** -gLoss / (2 labelled pixels * q). */
  @Test
  void partialCrossEntropyBackward() {
    Tensor q = reals(0.5, 0.9, 0.75, 0.5, 0.1, 0.25);
    Tensor gq = out(6);
    loss.partialCrossEntropyBackward(
        1,
        2,
        3,
        q.buffer(),
        ints(0, 4, 1).buffer(),
        0,
        reals(1, 2).buffer(),
        reals(3).buffer(),
        gq.buffer());
    assertReals(gq, -3, 0, 0, 0, 0, -6);
    loss.partialCrossEntropyBackward(
        1,
        2,
        3,
        q.buffer(),
        ints(4, 4, 4).buffer(),
        0,
        reals(0, 0).buffer(),
        reals(3).buffer(),
        gq.buffer());
    assertReals(gq, 0, 0, 0, 0, 0, 0);
  }

  /** Disjoint one-hots over four classes differ by 1 in two of four elements. */
  @Test
  void mse() {
    Tensor result = out(1);
    Tensor a = reals(1, 0, 0, 0);
    Tensor b = reals(0, 0, 1, 0);
    loss.mse(a.buffer(), b.buffer(), result.buffer());
    assertReals(result, 0.5);
    Tensor ga = out(4);
    loss.mseBackward(a.buffer(), b.buffer(), reals(10).buffer(), ga.buffer());
    assertReals(ga, 5, 0, -5, 0);
  }

  @Test
  void negativeCosine() {
    double[] oneHot = {1, 0, 0, 0};
    double[] other = {0, 0, 0, 1};
    double[] uniform = {0.25, 0.25, 0.25, 0.25};
    double[] skewed = {0.1, 0.2, 0.3, 0.4};
    assertReals(negativeCosine(skewed, skewed), -1);
    assertReals(negativeCosine(oneHot, uniform), -0.5);
    assertReals(negativeCosine(oneHot, other), 0);
    assertReals(negativeCosine(uniform, uniform), -1);
    assertReals(negativeCosine(new double[4], uniform), 0);
  }

  private Tensor negativeCosine(double[] p, double[] q) {
    Tensor result = out(1);
    loss.negativeCosine(1, 4, 1, reals(p).buffer(), reals(q).buffer(), 1e-8, result.buffer());
    return result;
  }

  /** p = (1, 0), q = (3, 4): -(p / 5 - 3/5 * q / 25) = -(0.2 - 0.072, -0.096), and half of it. */
  @Test
  void negativeCosineBackward() {
    Tensor gq = out(4);
    // Two pixels; the second is of zeros, whose norm is eps = 0.5: -(p / (1 * 0.5)).
    loss.negativeCosineBackward(
        1,
        2,
        2,
        reals(1, 0, 0, 1).buffer(),
        reals(3, 0, 4, 0).buffer(),
        0.5,
        reals(2).buffer(),
        gq.buffer());
    assertReals(gq, -0.128, 0, 0.096, -2);
  }

  /** Two classes at 1/2 have an entropy of -ln(1/2 + eps), here exactly the threshold. */
  @Test
  void confirmLabels() {
    double eps = 1e-6;
    double threshold = -Math.log(0.5 + eps);
    Tensor uncertainty = out(5);
    Tensor labels = outInts(5);
    Tensor q = reals(0.5, 0.5, 0, 0.9, 1, 0.5, 0.5, 1, 0.1, 0);
    loss.confirmLabels(
        1,
        2,
        5,
        q.buffer(),
        ints(4, 1, 4, -1, 1).buffer(),
        reals(threshold).buffer(),
        eps,
        uncertainty.buffer(),
        labels.buffer());
    double certain = -Math.log(1 + eps);
    double skewed = -0.9 * Math.log(0.9 + eps) - 0.1 * Math.log(0.1 + eps);
    assertReals(uncertainty, threshold, threshold, certain, skewed, certain);
    // Undecided; scribbled; certain of 1; 0.33 is below the threshold; the scribble outvotes q.
    assertInts(labels, -1, 1, 1, 0, 1);
  }

  /** v = (1, 0), its positive (1, 0), a negative (0, 1), t = 1: ln(e + 1) - 1. */
  @Test
  void infoNce() {
    Tensor logits = out(4);
    Tensor result = out(2);
    // Two slots a class; the second of either class is not in use.
    Tensor queue = reals(1, 0, 9, 9, 0, 1, 9, 9);
    loss.infoNce(
        1,
        2,
        2,
        2,
        reals(1, 0).buffer(),
        ints(0).buffer(),
        queue.buffer(),
        ints(1, 1).buffer(),
        1,
        logits.buffer(),
        result.buffer());
    assertReals(result, Math.log(Math.E + 1) - 1, 1);
    Tensor gv = out(2);
    loss.infoNceBackward(
        1,
        2,
        2,
        2,
        ints(0).buffer(),
        queue.buffer(),
        ints(1, 1).buffer(),
        1,
        logits.buffer(),
        result.buffer(),
        reals(2).buffer(),
        gv.buffer());
    double slope = 2 / (Math.E + 1);
    assertReals(gv, -slope, slope);
  }

  @Test
  void infoNceOfAnEmptyQueueIsZero() {
    Tensor result = out(2);
    loss.infoNce(
        2,
        1,
        2,
        1,
        reals(1, 1).buffer(),
        ints(0, 1).buffer(),
        reals(5, 5).buffer(),
        ints(0, 0).buffer(),
        0.07,
        out(4).buffer(),
        result.buffer());
    assertReals(result, 0, 0);
  }

  /**
   * Logits of random directions have a deviation of 1 / (0.07 sqrt(128)) = 1.26, so the loss is
   * about ln 1000 + 1.26^2 / 2 = 7.7 with 1000 negatives.
   */
  @Test
  void infoNceOfRandomVectors() {
    int anchors = 40;
    Tensor result = out(2);
    int[] classes = new int[anchors];
    for (int i = 0; i < anchors; i++) {
      classes[i] = i % 3;
    }
    loss.infoNce(
        anchors,
        128,
        3,
        500,
        unitVectors(1, anchors).buffer(),
        ints(classes).buffer(),
        unitVectors(2, 1500).buffer(),
        ints(500, 500, 500).buffer(),
        0.07,
        out(anchors * 1500).buffer(),
        result.buffer());
    assertEquals(7.7, result.toDoubles()[0], 0.05);
    assertEquals(anchors, result.toDoubles()[1]);
  }

  private static Tensor unitVectors(int seed, int count) {
    CounterRandom random = new CounterRandom(seed, 0, 0, 0);
    double[] values = new double[count * 128];
    for (int i = 0; i < count; i++) {
      double squares = 0;
      for (int d = i * 128; d < (i + 1) * 128; d++) {
        values[d] = random.nextGaussian();
        squares += values[d] * values[d];
      }
      for (int d = i * 128; d < (i + 1) * 128; d++) {
        values[d] /= Math.sqrt(squares);
      }
    }
    return reals(values);
  }
}
