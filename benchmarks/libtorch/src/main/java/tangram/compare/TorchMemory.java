package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** The memory of the contrast in libtorch, full from the start. */
final class TorchMemory {
  /** Takes a vector out of a sum of exponentials. */
  private static final float EXCLUDED = -1e30f;

  private final Libtorch libtorch;
  private final int classes;
  private final int slots;
  private final int dim;
  private final int[] next;
  private final PtNDArray vectors;
  private final PtNDArray negatives;
  private final PtNDArray positives;

  /**
   * Creates the memory.
   *
   * @param values [classes, slots, dim]
   */
  TorchMemory(Libtorch libtorch, int classes, int slots, float[] values) {
    this.libtorch = libtorch;
    this.classes = classes;
    this.slots = slots;
    this.dim = values.length / (classes * slots);
    this.next = new int[classes];
    vectors = libtorch.array(values, classes * slots, dim);
    float[] excluded = new float[classes * classes * slots];
    float[] weights = new float[excluded.length];
    for (int i = 0; i < excluded.length; i++) {
      boolean own = i / (classes * slots) == i / slots % classes;
      excluded[i] = own ? EXCLUDED : 0;
      weights[i] = own ? 1f / slots : 0;
    }
    negatives = libtorch.array(excluded, classes, classes * slots);
    positives = libtorch.array(weights, classes, classes * slots);
  }

  /** The loss of anchors [A, D] of the labels given, 0 for the first foreground class. */
  PtNDArray contrast(PtNDArray anchors, int[] labels, double temperature) {
    return Libtorch.scoped(
        () ->
            TorchLosses.contrast(
                anchors,
                libtorch.array(labels, labels.length),
                vectors,
                negatives,
                positives,
                temperature));
  }

  /**
   * Puts in, for each image and class that it shows, the normalised mean of its pixels.
   *
   * @param embedding without gradient [images * pixels, dim]
   * @param labels [images, pixels], 1 for the first foreground class
   */
  void enqueue(PtNDArray embedding, int[] labels, int images) {
    int pixels = labels.length / images;
    float[] member = new float[images * classes * pixels];
    boolean[] present = new boolean[images * classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] > 0) {
        int group = i / pixels * classes + labels[i] - 1;
        member[group * pixels + i % pixels] = 1;
        present[group] = true;
      }
    }
    PtNDArray sums =
        JniUtils.bmm(
            libtorch.array(member, images, classes, pixels),
            TorchOps.reshape(embedding, images, pixels, dim));
    PtNDArray prototypes =
        TorchOps.reshape(JniUtils.normalize(sums, 2, 2, 1e-12), images * (long) classes, dim);
    for (int group = 0; group < present.length; group++) {
      if (present[group]) {
        int c = group % classes;
        long slot = (long) c * slots + next[c];
        JniUtils.indexSet(
            vectors,
            JniUtils.slice(prototypes, 0, group, group + 1L, 1),
            new long[] {slot},
            new long[] {slot + 1},
            new long[] {1});
        next[c] = (next[c] + 1) % slots;
      }
    }
  }
}
