package tangram.tensor;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;

/**
 * A dense, row-major array on a device, and its place in the graph of derivatives.
 *
 * <p>Operations are static methods of the classes in {@code tangram.tensor.op}, one file each. A
 * tensor's memory is returned by {@link #close()}, normally through a {@link Scope}, else when the
 * garbage collector finds it unused; {@link #backward()} releases the intermediate tensors of the
 * graph as it goes, so use {@link #detach()} to keep a value beyond it.
 *
 * <p>Several threads may read a tensor, make views of it and close it; everything else is for one
 * thread at a time. The kernels inside an operation use threads of their own.
 */
public final class Tensor implements AutoCloseable {
  private static final AtomicReferenceFieldUpdater<Tensor, Buffer> BUFFER =
      AtomicReferenceFieldUpdater.newUpdater(Tensor.class, Buffer.class, "buffer");

  private final Device device;
  private final DType type;
  private final Shape shape;
  private volatile Buffer buffer;

  /** Returns the memory of a tensor that belongs to no scope; null of one that belongs to one. */
  private Cleaner.Cleanable unscoped;

  private boolean requiresGrad;
  private boolean needed;
  private Tensor grad;
  Node node;

  Tensor(Device device, DType type, Shape shape) {
    this(device, type, shape, device.allocate(type, shape.size()));
  }

  private Tensor(Device device, DType type, Shape shape, Buffer buffer) {
    this.device = device;
    this.type = type;
    this.shape = shape;
    this.buffer = buffer;
    if (!Scope.adopt(this)) {
      leaveScopes();
    }
  }

  /** From now on the tensor lives until it is closed or nobody refers to it. */
  void leaveScopes() {
    Buffer held = buffer;
    if (held != null && unscoped == null) {
      unscoped = Unscoped.watch(held, type == DType.REAL ? device.realBytes() : Integer.BYTES);
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

  /** The memory of the elements, to be read. */
  public Buffer buffer() {
    Buffer held = buffer;
    if (held == null) {
      throw new IllegalStateException(
          "this tensor of shape "
              + shape
              + " was released: its scope was closed or backward() consumed it; detach() what is"
              + " needed later");
    }
    return held;
  }

  /**
   * The memory of the elements, to be written to. A derivative that needs what they were before is
   * then refused.
   */
  public Buffer bufferToWrite() {
    Buffer held = buffer();
    held.memory().overwritten();
    return held;
  }

  /** How often the memory was written to. */
  int version() {
    return buffer().memory().version();
  }

  /** Whether no other tensor shares this memory, so that it may be overwritten. */
  public boolean isExclusive() {
    return buffer().isExclusive();
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
    if (type != DType.REAL) {
      throw new IllegalStateException("integers have no gradient");
    }
    if (node != null) {
      throw new IllegalStateException(
          "this tensor was computed by "
              + node.name()
              + " from others that require a gradient, so it cannot be differentiated by itself;"
              + " detach() it first");
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

  /**
   * Computes the gradients of this one-element tensor with respect to every leaf that requires one.
   */
  public void backward() {
    if (size() != 1) {
      throw new IllegalStateException("backward() without a seed needs one element, not " + shape);
    }
    try (Tensor seed = device.full(1, shape.dims())) {
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
    return view(shape);
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
    return new Tensor(device, type, newShape, buffer().slice(offset, newShape.size()));
  }

  /** Overwrites all elements with one value. */
  public Tensor fill(double value) {
    checkType(DType.REAL);
    device.kernels().elementwise().fill(bufferToWrite(), value);
    return this;
  }

  /** Overwrites the elements from host memory. */
  public Tensor copyFrom(float[] source, int sourceOffset) {
    checkType(DType.REAL);
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, bufferToWrite());
    return this;
  }

  /** Overwrites the elements from host memory. */
  public Tensor copyFrom(double[] source, int sourceOffset) {
    checkType(DType.REAL);
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, bufferToWrite());
    return this;
  }

  /** Overwrites integer elements from host memory. */
  public Tensor copyFrom(int[] source, int sourceOffset) {
    checkType(DType.INT);
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, bufferToWrite());
    return this;
  }

  /** Overwrites the elements with those of another tensor of the same device and shape. */
  public Tensor copyFrom(Tensor source) {
    if (source.device != device || source.type != type || !source.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "cannot copy a tensor " + source.describe() + " to one " + describe());
    }
    if (type == DType.REAL) {
      device.kernels().elementwise().copy(source.buffer(), bufferToWrite());
    } else {
      device.kernels().elementwise().copyInts(source.buffer(), bufferToWrite());
    }
    Reference.reachabilityFence(source);
    return this;
  }

  /** Copies the elements to host memory. */
  public void copyTo(float[] target, int targetOffset) {
    checkType(DType.REAL);
    checkHost(target.length, targetOffset);
    device.read(buffer(), target, targetOffset);
    Reference.reachabilityFence(this);
  }

  /** Copies integer elements to host memory. */
  public void copyTo(int[] target, int targetOffset) {
    checkType(DType.INT);
    checkHost(target.length, targetOffset);
    device.read(buffer(), target, targetOffset);
    Reference.reachabilityFence(this);
  }

  /** The elements on the host. */
  public float[] toFloats() {
    float[] values = new float[size()];
    copyTo(values, 0);
    return values;
  }

  /** The elements on the host. */
  public double[] toDoubles() {
    checkType(DType.REAL);
    double[] values = new double[size()];
    device.read(buffer(), values, 0);
    Reference.reachabilityFence(this);
    return values;
  }

  /** Integer elements on the host. */
  public int[] toInts() {
    int[] values = new int[size()];
    copyTo(values, 0);
    return values;
  }

  /** The value of a one-element tensor. */
  public double item() {
    if (size() != 1) {
      throw new IllegalStateException("item() of a tensor of shape " + shape);
    }
    return type == DType.INT ? toInts()[0] : toDoubles()[0];
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
  }

  @Override
  public String toString() {
    return "Tensor" + shape + "@" + device + (requiresGrad ? " requires grad" : "");
  }

  /** What it is, for messages. */
  private String describe() {
    return "of "
        + (type == DType.REAL ? "real numbers" : "integers")
        + ", shape "
        + shape
        + ", on "
        + device;
  }

  private void checkType(DType wanted) {
    if (type != wanted) {
      throw new IllegalStateException(
          type == DType.INT
              ? "a tensor of integers has no real numbers to read or write; use int[] and toInts()"
              : "a tensor of real numbers has no integers to read or write; use float[] or"
                  + " double[], toFloats() or toDoubles()");
    }
  }

  private void checkHost(int length, int offset) {
    if (offset < 0 || length - offset < size()) {
      throw new IllegalArgumentException(
          "a host array of " + length + " from " + offset + " is too short for " + shape);
    }
  }
}
