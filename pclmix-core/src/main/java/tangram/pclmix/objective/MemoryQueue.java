package tangram.pclmix.objective;

import java.util.Arrays;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * The memory of the contrast: for each foreground class a ring of unit vectors, the prototypes of
 * recent images (METHOD, step 7). An image puts in, for each foreground class it shows, the mean
 * embedding of the class's confirmed pixels, scaled to unit length.
 */
public final class MemoryQueue {
  private final int classes;
  private final int slots;
  private final int dim;
  private final Tensor vectors;
  private final Tensor filled;
  private final int[] filledCount;
  private final int[] next;
  private float[] values = {};

  /**
   * Creates an empty memory.
   *
   * @param classes number of foreground classes
   * @param slots vectors kept of each class
   * @param dim length of a vector
   */
  public MemoryQueue(Device device, int classes, int slots, int dim) {
    this.classes = classes;
    this.slots = slots;
    this.dim = dim;
    this.filledCount = new int[classes];
    this.next = new int[classes];
    try (Scope persistent = Scope.detached()) {
      vectors = device.zeros(classes, slots, dim);
      filled = device.tensor(filledCount, classes);
    }
  }

  /** The vectors [classes, slots, dim]; slots beyond {@link #filled} are zero. */
  public Tensor vectors() {
    return vectors;
  }

  /** Number of slots in use of each class, integers [classes]. */
  public Tensor filled() {
    return filled;
  }

  /** Position at which each class writes next. */
  public int[] next() {
    return next.clone();
  }

  /**
   * Restores the positions after {@link #vectors} was overwritten from a checkpoint.
   *
   * @param filledSlots slots in use of each class
   * @param nextSlots where each class writes next
   * @throws IllegalArgumentException if the queue does not {@linkplain #accepts accept} them
   */
  public void restore(int[] filledSlots, int[] nextSlots) {
    if (!accepts(filledSlots, nextSlots)) {
      throw new IllegalArgumentException(
          "queue positions " + Arrays.toString(filledSlots) + Arrays.toString(nextSlots));
    }
    System.arraycopy(filledSlots, 0, filledCount, 0, classes);
    System.arraycopy(nextSlots, 0, next, 0, classes);
    filled.copyFrom(filledCount, 0);
  }

  /** Whether these can be the {@link #filled} slots and the {@link #next} ones of each class. */
  public boolean accepts(int[] filledSlots, int[] nextSlots) {
    return filledSlots.length == classes
        && nextSlots.length == classes
        && Arrays.stream(filledSlots).allMatch(f -> f >= 0 && f <= slots)
        && Arrays.stream(nextSlots).allMatch(n -> n >= 0 && n < slots);
  }

  /**
   * Puts in the prototypes of a batch.
   *
   * @param embedding unit vectors by pixel [images * pixels, dim]
   * @param labels confirmed labels [images, pixels], background 0, unconfirmed -1
   * @param images images in the batch
   */
  public void enqueue(Tensor embedding, int[] labels, int images) {
    // Kept from step to step: the largest array that a step would leave to the garbage collector.
    if (values.length < embedding.size()) {
      values = new float[embedding.size()];
    }
    embedding.copyTo(values, 0);
    int pixels = labels.length / images;
    double[] sum = new double[dim];
    float[] prototype = new float[dim];
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < classes; c++) {
        if (mean(labels, image * pixels, pixels, c + 1, sum, prototype)) {
          try (Tensor slot = vectors.slice((c * slots + next[c]) * dim, Shape.of(dim))) {
            slot.copyFrom(prototype, 0);
          }
          next[c] = (next[c] + 1) % slots;
          filledCount[c] = Math.min(slots, filledCount[c] + 1);
        }
      }
    }
    filled.copyFrom(filledCount, 0);
  }

  /** Writes the normalised mean of a class's vectors; false where there is none, or it is 0. */
  private boolean mean(
      int[] labels, int first, int pixels, int label, double[] sum, float[] prototype) {
    Arrays.fill(sum, 0);
    int count = 0;
    for (int i = first; i < first + pixels; i++) {
      if (labels[i] == label) {
        count++;
        for (int d = 0; d < dim; d++) {
          sum[d] += values[i * dim + d];
        }
      }
    }
    double square = 0;
    for (double s : sum) {
      square += s * s;
    }
    if (count == 0 || square == 0) {
      return false;
    }
    double norm = Math.sqrt(square);
    for (int d = 0; d < dim; d++) {
      prototype[d] = (float) (sum[d] / norm);
    }
    return true;
  }
}
