package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Losses of scribble supervision and their gradients; every loss is a one-element buffer. */
public interface Loss {
  /**
   * Partial cross-entropy on probabilities: the mean of {@code -log(q[label] + eps)} over pixels
   * whose label is a class. Without such a pixel the loss is 0.
   *
   * @param q probabilities [n, k, hw]
   * @param labels integers [n, hw]; values outside 0..k-1 are unlabelled
   * @param loss out: [2]: the loss and the number of labelled pixels
   */
  void partialCrossEntropy(int n, int k, int hw, Buffer q, Buffer labels, double eps, Buffer loss);

  /** Gradient of {@link #partialCrossEntropy}: gq [n, k, hw], scaled by gLoss[0]. */
  void partialCrossEntropyBackward(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer labels,
      double eps,
      Buffer loss,
      Buffer gLoss,
      Buffer gq);

  /** Mean of (a - b)^2 over all elements. */
  void mse(Buffer a, Buffer b, Buffer loss);

  /** Gradient of {@link #mse}: ga = gLoss * 2 (a - b) / count; that of b is its negative. */
  void mseBackward(Buffer a, Buffer b, Buffer gLoss, Buffer ga);

  /**
   * Mean over pixels of the negative cosine similarity of two probability vectors, each norm at
   * least eps.
   *
   * @param p targets [n, k, hw]
   * @param q predictions [n, k, hw]
   */
  void negativeCosine(int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer loss);

  /** Gradient of {@link #negativeCosine} with respect to q. */
  void negativeCosineBackward(
      int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer gLoss, Buffer gq);

  /**
   * Confirmed pseudo labels (paper eq. 5-7; docs/method.md, step 6): the scribble where there is
   * one; -1 where the entropy {@code -sum_k q log(q + eps)} is at least threshold[0]; else the
   * class of highest probability.
   *
   * @param q probabilities [n, k, hw]
   * @param scribbles integers [n, hw]; values outside 0..k-1 are unlabelled
   * @param threshold [1]
   * @param uncertainty out: the entropy [n, hw]
   * @param labels out: integers [n, hw]
   */
  void confirmLabels(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer scribbles,
      Buffer threshold,
      double eps,
      Buffer uncertainty,
      Buffer labels);

  /**
   * Pixel contrast against a memory of labelled unit vectors (paper eq. 8): for an anchor v of
   * class c the mean over positives p of {@code -log(e^(v.p/t) / (e^(v.p/t) + sum_negatives
   * e^(v.n/t)))}, averaged over anchors. Positives are the filled queue slots of class c, negatives
   * those of the other classes. Anchors of a class outside 0..classes-1, or without a positive or a
   * negative, are left out; without any anchor the loss is 0.
   *
   * @param anchors number of anchors
   * @param dim length of a vector
   * @param classes number of classes in the queue
   * @param slots queue slots of a class
   * @param v anchors [anchors, dim]
   * @param anchorClass integers [anchors]
   * @param queue [classes, slots, dim]
   * @param filled integers [classes]: the first filled[c] slots of class c are in use
   * @param logits out: v . queue / temperature, [anchors, classes * slots], kept for the backward
   *     pass
   * @param loss out: [2]: the loss and the number of anchors that took part
   */
  void infoNce(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer v,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss);

  /** Gradient of {@link #infoNce} with respect to the anchors; logits is overwritten. */
  void infoNceBackward(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss,
      Buffer gLoss,
      Buffer gv);

  /**
   * Puts class prototypes into the memory of the contrast: where slot[image, class] is not
   * negative, the mean of the image's vectors with label class + 1, scaled to unit length, becomes
   * that row of the queue; zeros where the mean is zero or there is no such vector. Other rows
   * stay.
   *
   * @param vectors [images, pixels, dim]
   * @param labels integers [images, pixels]
   * @param slot integers [images, classes], no row twice
   * @param queue updated: [rows, dim]
   */
  void prototypes(
      int images,
      int pixels,
      int dim,
      int classes,
      Buffer vectors,
      Buffer labels,
      Buffer slot,
      Buffer queue);
}
