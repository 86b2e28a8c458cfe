package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import tangram.pclmix.data.Labels;

/**
 * The losses of PCLMix with libtorch's operations; numbers in brackets are the paper's equations.
 */
final class TorchLosses {
  private static final double CROSS_ENTROPY_EPS = 1e-8;
  private static final double ENTROPY_EPS = 1e-6;

  private TorchLosses() {}

  /** (1 - t) a + t b. */
  static PtNDArray lerp(PtNDArray a, PtNDArray b, double t) {
    return Libtorch.scoped(() -> JniUtils.add(TorchOps.scaled(a, 1 - t), TorchOps.scaled(b, t)));
  }

  /** (3) The mean of -log q of the label over scribbled pixels; some are. */
  static PtNDArray partialCrossEntropy(PtNDArray q, PtNDArray scribble) {
    return Libtorch.scoped(
        () -> {
          PtNDArray label = JniUtils.unsqueeze(scribble.clip(0L, Labels.HEART.count() - 1L), 1);
          PtNDArray chosen = JniUtils.squeeze(JniUtils.gather(q, label, 1), 1);
          PtNDArray scribbled = scribble.lt((long) Labels.HEART.unlabelled());
          PtNDArray labelled = JniUtils.booleanMask(chosen, scribbled);
          return labelled.add(CROSS_ENTROPY_EPS).log().mean().neg();
        });
  }

  /** (9) The mean squared difference. */
  static PtNDArray meanSquare(PtNDArray a, PtNDArray b) {
    return Libtorch.scoped(() -> JniUtils.sub(a, b).square().mean());
  }

  /** (12) Minus the cosine similarity over classes, averaged over pixels. */
  static PtNDArray negativeCosine(PtNDArray target, PtNDArray q) {
    int[] classes = {1};
    return Libtorch.scoped(
        () -> {
          PtNDArray products = JniUtils.mul(target, q).sum(classes, false);
          PtNDArray squares =
              JniUtils.mul(target.square().sum(classes, false), q.square().sum(classes, false));
          return JniUtils.div(products, JniUtils.sqrt(squares)).mean().neg();
        });
  }

  /** (7) The scribble's label; else the likeliest class where certain (5), else -1. */
  static PtNDArray confirmedLabels(PtNDArray q, PtNDArray scribble, double threshold) {
    return Libtorch.scoped(
        () -> {
          PtNDArray logs = q.add(ENTROPY_EPS).log();
          PtNDArray certain = JniUtils.mul(q, logs).sum(new int[] {1}, false).gt(-threshold);
          PtNDArray best = JniUtils.argMax(q, 1, false);
          PtNDArray none = best.mul(0L).sub(1L);
          PtNDArray pseudo = JniUtils.where(certain, best, none);
          return JniUtils.where(scribble.eq((long) Labels.HEART.unlabelled()), pseudo, scribble);
        });
  }

  /**
   * (8) Contrast of anchors with a memory: over an anchor's positives p the mean of -log(e(p) /
   * (e(p) + sum over negatives e(n))), e(v) = exp(anchor . v / temperature), averaged over anchors.
   *
   * @param anchors unit vectors [A, D]
   * @param label which class of the memory each belongs to [A]
   * @param memory unit vectors [classes * slots, D]
   * @param negatives for each class what is added to the scores of the memory's vectors: 0 for
   *     negatives, much below 0 for others [classes, classes * slots]
   * @param positives for each class the weights of the memory's vectors in the mean over positives
   */
  static PtNDArray contrast(
      PtNDArray anchors,
      PtNDArray label,
      PtNDArray memory,
      PtNDArray negatives,
      PtNDArray positives,
      double temperature) {
    return Libtorch.scoped(
        () -> {
          PtNDArray products = JniUtils.matmul(anchors, JniUtils.transpose(memory, 0, 1));
          PtNDArray scores = TorchOps.scaled(products, 1 / temperature);
          PtNDArray others = JniUtils.add(scores, JniUtils.embedding(label, negatives, false));
          PtNDArray largest = (PtNDArray) JniUtils.max(others, 1, true).stopGradient();
          PtNDArray sums = JniUtils.sub(others, largest).exp().sum(new int[] {1}, true);
          PtNDArray logSum = JniUtils.add(sums.log(), largest);
          PtNDArray each = JniUtils.softPlus(JniUtils.sub(logSum, scores));
          PtNDArray weights = JniUtils.embedding(label, positives, false);
          PtNDArray sum = JniUtils.mul(each, weights).sum();
          return TorchOps.scaled(sum, 1.0 / anchors.getShape().get(0));
        });
  }
}
