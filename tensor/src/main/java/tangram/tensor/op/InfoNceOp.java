package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Pixel contrast against a memory of labelled unit vectors (paper eq. 8): for an anchor v of class
 * c the mean over positives p of {@code -log(e^(v.p/t) / (e^(v.p/t) + sum over negatives of
 * e^(v.n/t)))}, averaged over the anchors. An anchor without a positive or a negative is left out;
 * without any the loss is 0.
 */
public final class InfoNceOp {
  private InfoNceOp() {}

  /**
   * Computes the loss.
   *
   * @param anchors unit vectors [A, D]
   * @param anchorClass integers [A]: the class of each anchor among the queue's; -1 leaves it out
   * @param queue unit vectors [classes, slots, D]
   * @param filled integers [classes]: slots in use
   * @param temperature t
   * @return shape []
   */
  public static Tensor infoNce(
      Tensor anchors, Tensor anchorClass, Tensor queue, Tensor filled, double temperature) {
    Checks.reals("info_nce", anchors, queue);
    Checks.integers("info_nce (classes and slots in use)", anchors, anchorClass, filled);
    Checks.rank("info_nce anchors", anchors, 2);
    Checks.rank("info_nce queue", queue, 3);
    Checks.notRecorded("the queue of info_nce", queue);
    int count = anchors.dim(0);
    int dim = anchors.dim(1);
    int classes = queue.dim(0);
    int slots = queue.dim(1);
    Checks.that(
        queue.dim(2) == dim && anchorClass.size() == count && filled.size() == classes,
        () -> "info_nce: anchors " + anchors.shape() + " do not fit the queue " + queue.shape());
    Checks.notEmpty("info_nce", anchors, queue);
    var loss = anchors.device().kernels().loss();
    Tensor logits = anchors.device().uninitialized(count, classes * slots);
    Tensor result = anchors.device().uninitialized(2);
    loss.infoNce(
        count,
        dim,
        classes,
        slots,
        anchors.buffer(),
        anchorClass.buffer(),
        queue.buffer(),
        filled.buffer(),
        temperature,
        logits.buffer(),
        result.buffer());
    return Autograd.record(
        "info_nce(anchors, anchorClass, queue, filled)",
        Checks.first(result),
        new Tensor[] {anchors},
        new Tensor[] {anchorClass, queue, filled},
        new Tensor[] {logits, result},
        gy -> {
          Tensor gv = Checks.like(anchors);
          loss.infoNceBackward(
              count,
              dim,
              classes,
              slots,
              anchorClass.buffer(),
              queue.buffer(),
              filled.buffer(),
              temperature,
              logits.buffer(),
              result.buffer(),
              gy.buffer(),
              gv.buffer());
          return new Tensor[] {gv};
        });
  }
}
