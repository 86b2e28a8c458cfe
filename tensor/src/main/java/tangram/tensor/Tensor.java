package tangram.tensor;

import java.util.function.UnaryOperator;

/**
 * A dense, row-major array on a device, and its place in the graph of derivatives.
 *
 * <p>Operations are static methods of the classes in {@code tangram.tensor.op}, one file each. A
 * tensor's memory is returned by {@link #close()}, normally through a {@link Scope}; {@link
 * #backward()} releases the intermediate tensors of the graph as it goes, so use {@link #detach()}
 * to keep a value beyond it.
 *
 * <p>Tensors are not thread-safe; the kernels inside an operation use threads of their own.
 */
public final class Tensor implements AutoCloseable {
  private final Device device;
  private final DType type;
  private final Shape shape;
  private Buffer buffer;
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
    Scope.adopt(this);
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

  /** The memory of the elements. */
  public Buffer buffer() {
    if (buffer == null) {
      throw new IllegalStateException(
          "this tensor of shape "
              + shape
              + " was released: its scope was closed or backward() consumed it; detach() what is"
              + " needed later");
    }
    return buffer;
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

  /** Marks a tensor that was not computed as one to differentiate by. */
  public Tensor requireGrad() {
    if (type != DType.REAL) {
      throw new IllegalStateException("integers have no gradient");
    }
    if (node != null) {
      throw new IllegalStateException(
          "only a leaf of the graph can be asked to require a gradient");
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

  /** The accumulated gradient of a leaf, or null before the first {@link #backward()}. */
  public Tensor grad() {
    return grad;
  }

  void setGrad(Tensor grad) {
    this.grad = grad;
  }

  /** Sets the accumulated gradient to zero. */
  public void zeroGrad() {
    if (grad != null) {
      device.kernels().elementwise().fill(grad.buffer(), 0);
    }
  }

  /**
   * Computes the gradients of this one-element tensor with respect to every leaf that requires one.
   */
  public void backward() {
    if (size() != 1) {
      throw new IllegalStateException("backward() without a seed needs one element, not " + shape);
    }
    try (Tensor seed = new Tensor(device, type, shape)) {
      device.kernels().elementwise().fill(seed.buffer(), 1);
      Autograd.backward(this, seed);
    }
  }

  /**
   * Computes vector-Jacobian products.
   *
   * @param seed gradient of the final scalar with respect to this tensor, of the same shape
   */
  public void backward(Tensor seed) {
    if (!seed.shape.equals(shape)) {
      throw new IllegalArgumentException("seed of shape " + seed.shape + " for " + shape);
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
    if (offset < 0 || offset + newShape.size() > shape.size()) {
      throw new IllegalArgumentException(
          "no " + newShape + " from element " + offset + " of " + shape);
    }
    return new Tensor(device, type, newShape, buffer().slice(offset, newShape.size()));
  }

  /** Overwrites the elements from host memory. */
  public Tensor copyFrom(float[] source, int sourceOffset) {
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, buffer());
    return this;
  }

  /** Overwrites the elements from host memory. */
  public Tensor copyFrom(double[] source, int sourceOffset) {
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, buffer());
    return this;
  }

  /** Overwrites integer elements from host memory. */
  public Tensor copyFrom(int[] source, int sourceOffset) {
    checkHost(source.length, sourceOffset);
    device.write(source, sourceOffset, buffer());
    return this;
  }

  /** Overwrites the elements with those of another tensor of the same device and shape. */
  public Tensor copyFrom(Tensor source) {
    if (source.device != device || source.type != type || !source.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "cannot copy "
              + source.shape
              + " on "
              + source.device
              + " to "
              + shape
              + " on "
              + device);
    }
    if (type == DType.REAL) {
      device.kernels().elementwise().copy(source.buffer(), buffer());
    } else {
      device.kernels().elementwise().copyInts(source.buffer(), buffer());
    }
    return this;
  }

  /** Copies the elements to host memory. */
  public void copyTo(float[] target, int targetOffset) {
    checkHost(target.length, targetOffset);
    device.read(buffer(), target, targetOffset);
  }

  /** Copies integer elements to host memory. */
  public void copyTo(int[] target, int targetOffset) {
    checkHost(target.length, targetOffset);
    device.read(buffer(), target, targetOffset);
  }

  /** The elements on the host. */
  public float[] toFloats() {
    float[] values = new float[size()];
    copyTo(values, 0);
    return values;
  }

  /** The elements on the host. */
  public double[] toDoubles() {
    double[] values = new double[size()];
    device.read(buffer(), values, 0);
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
    return toDoubles()[0];
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

  /** Returns the memory. A second call does nothing. */
  @Override
  public void close() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  @Override
  public String toString() {
    return "Tensor" + shape + "@" + device + (requiresGrad ? " requires grad" : "");
  }

  private void checkHost(int length, int offset) {
    if (offset < 0 || length - offset < size()) {
      throw new IllegalArgumentException(
          "a host array of " + length + " from " + offset + " is too short for " + shape);
    }
  }
}
