package tangram.tensor;

import java.util.function.IntFunction;
import tangram.tensor.kernel.Kernels;

/**
 * Executes kernels and owns memory. A {@link Tensor} lives on one device; operations run where
 * their inputs are.
 *
 * <p>A new device provides storage, transfers and {@link #kernels()}, and proves itself by passing
 * the contract suite.
 */
public abstract class Device {
  private final IntFunction<Object> newReals;
  private final IntFunction<Object> newInts;
  private final Arena reals;
  private final Arena ints;
  private Arena recordedReals;
  private Arena recordedInts;
  private boolean recording;
  private CompileProgress compileProgress = (what, done, all) -> {};

  /**
   * Creates a device whose arenas are made of the arrays that the two functions return.
   *
   * @param newReals makes storage for the given number of real elements
   * @param newInts makes storage for the given number of integers
   */
  protected Device(IntFunction<Object> newReals, IntFunction<Object> newInts) {
    this(newReals, newInts, 0, null);
  }

  /** As the other, with an account of the memory, which needs the size of a real element. */
  Device(
      IntFunction<Object> newReals,
      IntFunction<Object> newInts,
      int realBytes,
      TensorMemory account) {
    this.newReals = newReals;
    this.newInts = newInts;
    this.reals = new Arena(newReals, realBytes, account);
    this.ints = new Arena(newInts, Integer.BYTES, account);
  }

  /** The name by which the device is chosen. */
  public abstract String name();

  /** One line about the hardware behind it. */
  public abstract String description();

  /** The kernels. */
  public abstract Kernels kernels();

  /** Bytes of one real element. */
  public abstract int realBytes();

  /** Copies host numbers into a buffer of reals. */
  protected abstract void write(double[] source, int sourceOffset, Buffer target);

  /** Copies host numbers into a buffer of reals. */
  protected abstract void write(float[] source, int sourceOffset, Buffer target);

  /** Copies host integers into a buffer of integers. */
  protected abstract void write(int[] source, int sourceOffset, Buffer target);

  /** Copies a buffer of reals to the host. */
  protected abstract void read(Buffer source, double[] target, int targetOffset);

  /** Copies a buffer of reals to the host. */
  protected abstract void read(Buffer source, float[] target, int targetOffset);

  /** Copies a buffer of integers to the host. */
  protected abstract void read(Buffer source, int[] target, int targetOffset);

  IntFunction<Object> newReals() {
    return newReals;
  }

  IntFunction<Object> newInts() {
    return newInts;
  }

  Buffer allocate(DType type, int length) {
    boolean real = type == DType.REAL;
    Arena arena = recording ? (real ? recordedReals : recordedInts) : real ? reals : ints;
    Buffer buffer = arena.allocateWithoutGrowth(length);
    if (buffer == null && Unscoped.collect()) {
      buffer = arena.allocateWithoutGrowth(length);
    }
    return buffer == null ? arena.allocate(length) : buffer;
  }

  /**
   * Work that is done again and again on the same tensors; devices that can record it do.
   *
   * @param what a name for messages, unique among a device's recorded work
   */
  public Replay replay(String what) {
    return new Replay();
  }

  /**
   * Whether tensors made from now on lie in memory that only recorded work uses, so that repeating
   * it later overwrites nothing else.
   */
  protected final void useRecordedMemory(boolean yes) {
    if (yes && recordedReals == null) {
      recordedReals = new Arena(newReals);
      recordedInts = new Arena(newInts);
    }
    recording = yes;
  }

  /** Whether the device measures its own work, which others do by {@link ProfiledDevice}. */
  public boolean measuresItself() {
    return false;
  }

  /** Begins to measure, on a device that {@linkplain #measuresItself measures itself}. */
  public void startProfile() {
    throw new UnsupportedOperationException(name() + " does not measure itself");
  }

  /**
   * Counts what was done since the measuring began or since the last call of this.
   *
   * @param step whether that was a step; else, as with a validation, it is forgotten
   */
  public void profileStep(boolean step) {
    throw new UnsupportedOperationException(name() + " does not measure itself");
  }

  /** The mean of the measured steps as text; empty where there were none. */
  public String profile() {
    throw new UnsupportedOperationException(name() + " does not measure itself");
  }

  /** Sets who is told how far compilation of recorded work is. */
  public final void onCompile(CompileProgress listener) {
    compileProgress = listener;
  }

  /** Who is told how far compilation of recorded work is. */
  protected final CompileProgress compileProgress() {
    return compileProgress;
  }

  /**
   * A tensor for an operation that writes every element. Until then it holds what others left in
   * the memory, so it must not be handed to a caller before.
   */
  public final Tensor uninitialized(Shape shape) {
    return new Tensor(this, DType.REAL, shape);
  }

  /** As {@link #uninitialized(Shape)}. */
  public final Tensor uninitialized(int... dims) {
    return uninitialized(Shape.of(dims));
  }

  /** As {@link #uninitialized(Shape)}, of integers. */
  public final Tensor uninitializedInts(int... dims) {
    return new Tensor(this, DType.INT, Shape.of(dims));
  }

  /** A tensor to be filled by the caller; zeros until then. */
  public final Tensor empty(int... dims) {
    return zeros(dims);
  }

  /** A tensor to be filled by the caller; zeros until then. */
  public final Tensor empty(Shape shape) {
    return zeros(shape.dims());
  }

  /** A tensor of integers to be filled by the caller; zeros until then. */
  public final Tensor emptyInts(int... dims) {
    Tensor t = uninitializedInts(dims);
    return t.copyFrom(new int[t.size()], 0);
  }

  /** A tensor of zeros. */
  public final Tensor zeros(int... dims) {
    return full(0, dims);
  }

  /** A tensor of one value. */
  public final Tensor full(double value, int... dims) {
    return uninitialized(dims).fill(value);
  }

  /** A one-dimensional tensor of the given numbers. */
  public final Tensor tensor(float[] values) {
    return tensor(values, values.length);
  }

  /** A one-dimensional tensor of the given numbers. */
  public final Tensor tensor(double[] values) {
    return tensor(values, values.length);
  }

  /** A one-dimensional tensor of the given integers. */
  public final Tensor tensor(int[] values) {
    return tensor(values, values.length);
  }

  /** A tensor of the given numbers, as many as the shape has elements. */
  public final Tensor tensor(float[] values, int... dims) {
    checkCount(values.length, dims);
    return uninitialized(dims).copyFrom(values, 0);
  }

  /** A tensor of the given numbers, as many as the shape has elements. */
  public final Tensor tensor(double[] values, int... dims) {
    checkCount(values.length, dims);
    return uninitialized(dims).copyFrom(values, 0);
  }

  /** A tensor of the given integers, as many as the shape has elements. */
  public final Tensor tensor(int[] values, int... dims) {
    checkCount(values.length, dims);
    return uninitializedInts(dims).copyFrom(values, 0);
  }

  private static void checkCount(int count, int[] dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != count) {
      throw new IllegalArgumentException(
          count + " values for a tensor of shape " + shape + ", which has " + shape.size());
    }
  }

  /** A one-element tensor of shape []. */
  public final Tensor scalar(double value) {
    return tensor(new double[] {value}, new int[0]);
  }

  /** Bytes of real numbers in use. */
  public final long usedBytes() {
    return reals.used() * realBytes();
  }

  /** Bytes of reals and integers in use. */
  final long allUsedBytes() {
    return usedBytes() + ints.used() * Integer.BYTES;
  }

  /** Largest number of bytes of real numbers in use at once so far. */
  public final long peakBytes() {
    return reals.peak() * realBytes();
  }

  /** Bytes of real numbers reserved by the arenas. */
  public final long reservedBytes() {
    return reals.reserved() * realBytes();
  }

  @Override
  public String toString() {
    return name();
  }
}
