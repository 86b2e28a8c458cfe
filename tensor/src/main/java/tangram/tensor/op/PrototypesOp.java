package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.Tensor;

/**
 * Class prototypes for the memory of the contrast (docs/method.md, step 7): the mean of an image's
 * vectors of a class, scaled to unit length. Has no derivative.
 */
public final class PrototypesOp {
  private PrototypesOp() {}

  /**
   * Puts the prototypes of a batch into rows of a queue.
   *
   * @param vectors [images * pixels, dim]
   * @param labels integers [images, ...]: background 0, classes from 1, unconfirmed -1
   * @param slot integers [images, classes]: the row that receives a prototype, or -1 for none
   * @param queue [classes, slots, dim], updated
   */
  public static void putPrototypes(Tensor vectors, Tensor labels, Tensor slot, Tensor queue) {
    Checks.reals("prototypes", vectors, queue);
    Checks.integers("prototypes (labels and slots)", vectors, labels, slot);
    Checks.rank("prototypes", vectors, 2);
    Checks.rank("prototypes slots", slot, 2);
    int images = slot.dim(0);
    int dim = vectors.dim(1);
    Checks.that(
        images > 0
            && labels.size() == vectors.dim(0)
            && queue.dim(-1) == dim
            && vectors.dim(0) % images == 0,
        () ->
            "prototypes: labels "
                + labels.shape()
                + ", slots "
                + slot.shape()
                + " and queue "
                + queue.shape()
                + " for vectors "
                + vectors.shape());
    vectors
        .device()
        .kernels()
        .loss()
        .prototypes(
            images,
            vectors.dim(0) / images,
            dim,
            slot.dim(1),
            vectors.buffer(),
            labels.buffer(),
            slot.buffer(),
            queue.bufferToWrite());
    Reference.reachabilityFence(vectors);
    Reference.reachabilityFence(labels);
    Reference.reachabilityFence(slot);
  }
}
