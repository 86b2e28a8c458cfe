package tangram.tensor;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.Updates;

/**
 * An array on a device, and its place in the graph of derivatives. Views share memory with what
 * they were made from.
 *
 * <p>A tensor's memory is returned by {@link #close()}, normally through a {@link Scope}, else when
 * the garbage collector finds it unused; {@link #backward()} releases the intermediate tensors of
 * the graph as it goes, so use {@link #detach()} to keep a value beyond it.
 *
 * <p>Several threads may read a tensor, make views of it and close it; everything else is for one
 * thread at a time. The kernels inside an operation use threads of their own.
 */
public final class Tensor extends ShapeMethods implements AutoCloseable {
  private static final AtomicReferenceFieldUpdater<Tensor, Buffer> BUFFER =
      AtomicReferenceFieldUpdater.newUpdater(Tensor.class, Buffer.class, "buffer");
  private static final double[] NONE = {};

  private final Device device;
  private final DType type;
  private final Shape shape;

  /** The memory; of a strided view, all that its elements may lie in. */
  private volatile Buffer buffer;

  /** Where the elements of a strided view lie; null where they lie one after the other. */
  private final View strided;

  /** The elements of a strided view one after the other, for operations that want them so. */
  private Tensor dense;

  private int denseVersion;

  /** Returns the memory of a tensor that belongs to no scope; null of one that belongs to one. */
  private Unscoped.Watch unscoped;

  private boolean requiresGrad;
  private boolean needed;
  private Tensor grad;
  Node node;

  Tensor(Device device, DType type, Shape shape) {
    this(device, type, shape, device.allocate(type, shape.size()));
  }

  private Tensor(Device device, DType type, Shape shape, Buffer buffer) {
    this(device, type, shape, buffer, null);
  }

  private Tensor(Device device, DType type, Shape shape, Buffer buffer, View strided) {
    this.device = device;
    this.type = type;
    this.shape = shape;
    this.buffer = buffer;
    this.strided = strided;
    if (!Scope.adopt(this)) {
      leaveScopes();
      if (Scope.isDetached()) {
        stay();
      }
    }
  }

  /** From now on the tensor lives until it is closed or nobody refers to it. */
  void leaveScopes() {
    Buffer held = buffer;
    if (held != null && unscoped == null) {
      unscoped = Unscoped.watch(held, device.elementBytes(type));
    }
  }

  /** Tells that the tensor is meant to stay, so that it is no reason to collect garbage. */
  void stay() {
    if (unscoped != null) {
      unscoped.discount();
    }
  }

  /** Whether it belongs to no scope. */
  boolean isUnscoped() {
    return unscoped != null;
  }

  /** The device that holds the elements. */
  public Device device() {
    return device;
  }

  /** The element type. */
  public DType type() {
    return type;
  }

  /** The dimensions. */
  public Shape shape() {
    return shape;
  }

  /** Dimension i; negative i counts from the end. */
  public int dim(int i) {
    return shape.dim(i);
  }

  /** Number of elements. */
  public int size() {
    return shape.size();
  }

  /** The memory, whatever the elements' order. */
  private Buffer memory() {
    Buffer held = buffer;
    if (held == null) {
      throw new IllegalStateException(
          ("this tensor of shape %s was released: its scope was closed or backward() consumed it;"
                  + " detach() what is needed later")
              .formatted(shape));
    }
    return held;
  }

  /**
   * The elements one after the other, to be read: of a strided view a copy, made when first asked
   * for.
   */
  public Buffer buffer() {
    Buffer held = memory();
    return strided == null ? held : dense(held).memory();
  }

  private synchronized Tensor dense(Buffer held) {
    int version = held.memory().version();
    if (dense == null || denseVersion != version) {
      if (dense != null) {
        dense.close();
      }
      try (Scope mine = Scope.detached()) {
        dense = new Tensor(device, type, shape);
      }
      device.kernels().maps().map(Formula.IDENTITY, NONE, new View[] {asView()}, dense.asView());
      denseVersion = version;
    }
    return dense;
  }

  /**
   * The memory of the elements, to be written to. A derivative that needs what they were before is
   * then refused.
   *
   * @throws IllegalStateException for a strided view
   */
  public Buffer bufferToWrite() {
    Buffer held = memory();
    if (strided != null) {
      throw new IllegalStateException(
          "this operation cannot write to a strided view, of shape "
              + shape
              + "; write to a contiguous() tensor and copy it with copyFrom()");
    }
    held.memory().overwritten();
    return held;
  }

  /** Where the elements lie, to be read. */
  public View asView() {
    Buffer held = memory();
    return strided == null ? View.dense(type, held, shape.dims()) : strided;
  }

  /** As {@link #asView}, to be written to; see {@link #bufferToWrite}. */
  public View asViewToWrite() {
    memory().memory().overwritten();
    return asView();
  }

  /**
   * For operations: a tensor that shows elements of this one's memory, outside the graph. The
   * memory lives until both are closed.
   */
  public Tensor withView(View view) {
    Buffer held = memory();
    Shape shown = Shape.of(view.dims());
    if (view.isDense()) {
      int from = shown.size() == 0 ? 0 : view.offset() - held.offset();
      return new Tensor(device, type, shown, held.slice(from, shown.size()));
    }
    Buffer shared = held.slice(0, held.length());
    return new Tensor(
        device,
        type,
        shown,
        shared,
        new View(type, shared, view.offset(), view.dims(), view.strides()));
  }

  /** Whether the elements lie one after the other. */
  public boolean isContiguous() {
    return strided == null;
  }

  /** What tensors share whose elements lie in one memory. */
  Object sharedMemory() {
    return memory().memory();
  }

  /** How often the memory was written to. */
  int version() {
    return memory().memory().version();
  }

  /** Whether no other tensor shares this memory, so that it may be overwritten. */
  public boolean isExclusive() {
    return strided == null && memory().isExclusive();
  }

  /** Whether the memory was returned. */
  public boolean isReleased() {
    return buffer == null;
  }

  /**
   * Whether derivatives are taken with respect to this tensor or something it was computed from.
   */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /**
   * Marks a tensor as one to differentiate by: one that was not computed, or computed from others
   * that need no gradient. It counts for operations from now on.
   */
  public Tensor requireGrad() {
    if (!type.isReal()) {
      throw new IllegalStateException("integers have no gradient");
    }
    if (node != null) {
      throw new IllegalStateException(
          ("this tensor was computed by %s from others that require a gradient, so it cannot be"
                  + " differentiated by itself; detach() it first")
              .formatted(node.name()));
    }
    requiresGrad = true;
    return this;
  }

  void markRecorded(Node node) {
    this.node = node;
    this.requiresGrad = true;
  }

  void markNeeded() {
    needed = true;
  }

  /**
   * The accumulated gradient of a leaf; null before the first {@link #backward()}, and after
   * somebody closed it.
   */
  public Tensor grad() {
    if (grad != null && grad.isReleased()) {
      grad = null;
    }
    return grad;
  }

  void setGrad(Tensor grad) {
    this.grad = grad;
  }

  /** Sets the accumulated gradient to zero. */
  public void zeroGrad() {
    if (grad() != null) {
      grad.fill(0);
    }
  }

  /** As the other, of several tensors, together where the device can. */
  public static void zeroGrad(Iterable<Tensor> tensors) {
    Updates updates = new Updates();
    for (Tensor t : tensors) {
      if (t.grad() != null) {
        updates.next().into(t.grad, Formula.CONSTANT, new double[] {0});
      }
    }
    updates.run();
  }

  /**
   * Computes the gradients of this one-element tensor with respect to every leaf that requires one.
   */
  public void backward() {
    if (size() != 1) {
      throw new IllegalStateException("backward() without a seed needs one element, not " + shape);
    }
    try (Tensor seed = device.full(1, type, shape)) {
      Autograd.backward(this, seed);
    }
  }

  /**
   * Computes vector-Jacobian products.
   *
   * @param seed gradient of the final scalar with respect to this tensor, of the same shape
   */
  public void backward(Tensor seed) {
    if (!seed.shape.equals(shape) || seed.type != type || seed.device != device) {
      throw new IllegalArgumentException(
          "a seed " + seed.describe() + " for a tensor " + describe());
    }
    Autograd.backward(this, seed);
  }

  /** The same elements outside the graph; the memory is shared and lives until both are closed. */
  public Tensor detach() {
    return traced(withView(asView()), 0);
  }

  private Tensor traced(Tensor run, int offset) {
    Tracer.current().operation("run", run, new Tensor[] {this}, offset);
    return run;
  }

  /** The same memory under another shape of as many elements, outside the graph. */
  public Tensor view(Shape newShape) {
    if (newShape.size() != shape.size()) {
      throw new IllegalArgumentException("cannot view " + shape + " as " + newShape);
    }
    return slice(0, newShape);
  }

  /** A run of this tensor's elements from an offset on, sharing its memory, outside the graph. */
  public Tensor slice(int offset, Shape newShape) {
    if (offset < 0 || offset > shape.size() - newShape.size()) {
      throw new IllegalArgumentException(
          "no " + newShape + " from element " + offset + " of " + shape);
    }
    if (strided != null) {
      throw new IllegalStateException(
          "the elements of this strided view, of shape "
              + shape
              + ", do not lie one after the other; use reshape(), or a contiguous() copy");
    }
    return traced(
        new Tensor(device, type, newShape, memory().slice(offset, newShape.size())), offset);
  }

  /** Overwrites the elements with those of another tensor of the same device, type and shape. */
  public Tensor copyFrom(Tensor source) {
    if (source.device != device || source.type != type || !source.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "cannot copy a tensor " + source.describe() + " to one " + describe());
    }
    MapOp.into(this, Formula.IDENTITY, NONE, source);
    return this;
  }

  /**
   * Tells that the caller needs this intermediate tensor no more: its memory is returned, at once
   * or, if a derivative reads it, by {@link #backward()}.
   */
  public void release() {
    if (!needed) {
      close();
    }
  }

  /**
   * Applies an operation to this intermediate tensor as the last one that uses it: {@linkplain
   * #release releases} it and returns the result.
   */
  public Tensor then(UnaryOperator<Tensor> operation) {
    Tensor result = operation.apply(this);
    if (result != this) {
      release();
    }
    return result;
  }

  /** Returns the memory and that of the gradient. A second call does nothing. */
  @Override
  public void close() {
    Buffer held = BUFFER.getAndSet(this, null);
    if (held == null) {
      return;
    }
    if (unscoped == null) {
      held.release();
    } else {
      unscoped.clean();
    }
    Tensor gradient = grad;
    if (gradient != null) {
      grad = null;
      gradient.close();
    }
    Tensor copy = dense;
    if (copy != null) {
      copy.close();
    }
  }

  /**
   * The elements, as NumPy writes them; they are read from the device for it.
   *
   * @return of a tensor that was released, what it was
   */
  @Override
  public String toString() {
    return isReleased() ? "Tensor" + shape + "@" + device + ", released" : ArrayText.of(this);
  }

  /** What it is, for messages. */
  String describe() {
    return "of %s, shape %s, on %s"
        .formatted(
            type.isReal() ? "real numbers" : type == DType.BOOL ? "booleans" : "integers",
            shape,
            device);
  }
}
