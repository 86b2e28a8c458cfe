package tangram.pclmix.objective;

import java.util.Arrays;
import java.util.Map;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.MapOp;

/**
 * The memory of the contrast: for each foreground class a ring of unit vectors, the prototypes of
 * recent images (docs/method.md, step 7). An image puts in, for each foreground class it shows, the
 * mean embedding of the class's confirmed pixels, scaled to unit length; a mean of zero stays zero.
 */
public final class MemoryQueue {
  private static final double[] NONE = {};

  /** Vector, its label, a class. */
  private static final Formula OF_CLASS =
      Formula.of(3, x -> Expr.where(x[1].eq(x[2]), x[0], Expr.of(0)));

  private static final Formula SQUARE = Formula.of(x -> x.square());
  private static final Formula UNIT =
      Formula.of((sum, square) -> Expr.where(square.eq(0), Expr.of(0), sum.div(square.sqrt())));

  /** A row, the row that a prototype goes to, the prototype's number. */
  private static final Formula SOURCE =
      Formula.of(3, x -> Expr.where(x[0].eq(x[1]), x[2], Expr.of(-1)));

  /** What a row takes or -1, that, what the row has. */
  private static final Formula REPLACED = Formula.of(3, x -> Expr.where(x[0].lt(0), x[2], x[1]));

  private final int classes;
  private final int slots;
  private final int dim;
  private final Tensor vectors;
  private final Tensor filled;
  private final int[] filledCount;
  private final int[] next;

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

  /** Adds the memory to a checkpoint. */
  public void save(CheckpointWriter writer) {
    writer
        .extra("queue.vectors", vectors)
        .extra("queue.filled", filled)
        .extra("queue.next", next(), next.length);
  }

  /**
   * Reads the positions back.
   *
   * @return the tensor that the checkpoint overwrites, by its name
   * @throws tangram.nn.FileFormatException if they are impossible
   */
  public Map<String, Tensor> restore(Checkpoint checkpoint) {
    int[] filledSlots = checkpoint.extraInts("queue.filled");
    int[] nextSlots = checkpoint.extraInts("queue.next");
    if (!accepts(filledSlots, nextSlots)) {
      throw checkpoint.impossible();
    }
    restore(filledSlots, nextSlots);
    return Map.of("queue.vectors", vectors);
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
   * Gives every foreground class that an image shows the slot that its prototype will take, and
   * moves on. The loss of this step still sees the memory as it was: {@link #enqueue} fills the
   * slots, and {@link #publish} counts them.
   *
   * @param labels confirmed labels [images, pixels], background 0, unconfirmed -1
   * @return rows of {@link #vectors} [images, classes], -1 where an image does not show a class or
   *     its slot is needed again by a later image of the batch
   */
  public int[] reserve(int[] labels, int images) {
    return reserve(shown(labels, images));
  }

  /** Whether an image shows a class, [images * classes]. */
  boolean[] shown(int[] labels, int images) {
    int pixels = labels.length / images;
    boolean[] shown = new boolean[images * classes];
    for (int image = 0; image < images; image++) {
      for (int p = image * pixels; p < (image + 1) * pixels; p++) {
        if (labels[p] > 0 && labels[p] <= classes) {
          shown[image * classes + labels[p] - 1] = true;
        }
      }
    }
    return shown;
  }

  /** As the other, for images of which it is known which classes they show. */
  int[] reserve(boolean[] shown) {
    int[] rows = new int[shown.length];
    Arrays.fill(rows, -1);
    for (int i = 0; i < rows.length; i++) {
      if (shown[i]) {
        int c = i % classes;
        int row = c * slots + next[c];
        for (int earlier = c; earlier < i; earlier += classes) {
          rows[earlier] = rows[earlier] == row ? -1 : rows[earlier];
        }
        rows[i] = row;
        next[c] = (next[c] + 1) % slots;
        filledCount[c] = Math.min(slots, filledCount[c] + 1);
      }
    }
    return rows;
  }

  /**
   * Puts the prototypes of a batch into their slots, on the device: the mean of an image's vectors
   * of a class, scaled to unit length; zeros where the mean is zero.
   *
   * @param embedding unit vectors by pixel [images * pixels, dim]
   * @param labels integers [images, ...], as in {@link #reserve}
   * @param rows integers [images, classes], from {@link #reserve}
   */
  public void enqueue(Tensor embedding, Tensor labels, Tensor rows) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      place(prototypes(embedding, labels, rows.dim(0)), rows);
    }
  }

  /** The prototypes of a batch [images * classes, dim]; see {@link #enqueue}. */
  Tensor prototypes(Tensor embedding, Tensor labels, int images) {
    Device device = vectors.device();
    int pixels = embedding.dim(0) / images;
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      Tensor wanted = device.arange(classes, DType.F32).add(1).reshape(classes, 1);
      Tensor label = labels.to(DType.F32).reshape(images, pixels, 1, 1);
      Tensor vector = embedding.reshape(images, pixels, 1, dim);
      Tensor sum = FoldOp.sum("sum", OF_CLASS, NONE, new int[] {1}, false, vector, label, wanted);
      Tensor square = FoldOp.sum("square", SQUARE, NONE, new int[] {2}, true, sum);
      return scope.keep(MapOp.map("unit", UNIT, sum, square).reshape(images * classes, dim));
    }
  }

  /**
   * Puts prototypes into their slots.
   *
   * @param unit [images * classes, dim]
   * @param rows integers [images, classes], from {@link #reserve}
   */
  void place(Tensor unit, Tensor rows) {
    Device device = vectors.device();
    int prototypes = unit.dim(0);
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      // Which prototype each row of the memory takes; -1 for none.
      Tensor row = device.arange(classes * slots, DType.F32).unsqueeze(1);
      Tensor number = device.arange(prototypes, DType.F32);
      Tensor slot = rows.to(DType.F32).reshape(prototypes);
      Tensor source = MapOp.map("source", SOURCE, row, slot, number).max(1);
      Tensor taken = unit.indexSelect(0, source.relu().to(DType.I32));
      Tensor all = vectors.view(taken.shape());
      MapOp.into(all, REPLACED, NONE, source.unsqueeze(1), taken, all);
    }
  }

  /** Makes the slots that were reserved and filled visible to the next step. */
  public void publish() {
    filled.copyFrom(filledCount, 0);
  }
}
