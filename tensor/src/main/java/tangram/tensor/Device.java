package tangram.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.RandomOp;

/**
 * Executes kernels and owns memory. A {@link Tensor} lives on one device; operations run where
 * their inputs are.
 *
 * <p>A new device provides storage, transfers and {@link #kernels()}, and proves itself by passing
 * the contract suite.
 */
public abstract class Device {
  private static final DType[] TYPES = DType.values();

  /** Up to 2 to the power of one less, numbers are kept to count with. */
  private static final int COUNTS = 17;

  private final TensorMemory account;
  private final Arena[] arenas = new Arena[TYPES.length];
  private final Tensor[] counts = new Tensor[COUNTS];
  private final Map<Object, Object> constants = new ConcurrentHashMap<>();
  private Arena[] recorded;
  private boolean recording;
  private CompileProgress compileProgress = (what, done, all) -> {};

  /** Creates a device; it reserves memory when the first tensor of a type is made. */
  protected Device() {
    this(null);
  }

  /** As the other, with an account of the memory. */
  Device(TensorMemory account) {
    this.account = account;
  }

  /** The name by which the device is chosen. */
  public abstract String name();

  /** One line about the hardware behind it. */
  public abstract String description();

  /** The kernels. */
  public abstract Kernels kernels();

  /** Bytes of one real element. */
  public abstract int realBytes();

  /**
   * Makes storage for a number of elements: an array in host memory, unless the device has other
   * storage, which then is read and written in other ways too.
   *
   * @throws DeviceException if the device does not have the type
   */
  protected Object newStorage(DType type, int length) {
    return HostArrays.of(type, length);
  }

  /**
   * Fills a buffer from host memory.
   *
   * @param source an array of numbers, or of {@code boolean}
   */
  protected void write(Object source, int sourceOffset, DType type, Buffer target) {
    HostArrays.copy(source, sourceOffset, target.storage(), target.offset(), target.length());
  }

  /**
   * Copies a buffer to host memory.
   *
   * @param target an array of numbers, or of {@code boolean}
   */
  protected void read(Buffer source, DType type, Object target, int targetOffset) {
    HostArrays.copy(source.storage(), source.offset(), target, targetOffset, source.length());
  }

  /** Whether tensors can have a type here. */
  public boolean has(DType type) {
    return true;
  }

  /** The type of places, and of sums of integers. */
  public DType indexType() {
    return DType.I64;
  }

  /** Bytes of an element. */
  final int elementBytes(DType type) {
    return type == DType.F32 ? realBytes() : type.bytes();
  }

  private Arena arena(DType type) {
    Arena[] all = recording ? recorded : arenas;
    if (all[type.ordinal()] == null) {
      all[type.ordinal()] = newArena(type, recording ? null : account);
    }
    return all[type.ordinal()];
  }

  private Arena newArena(DType type, TensorMemory ofAccount) {
    return new Arena(length -> newStorage(type, length), elementBytes(type), ofAccount);
  }

  Buffer allocate(DType type, int length) {
    Arena arena = arena(type);
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
   * it later overwrites nothing else. The first time, that is what is free: the same work was done
   * before without being recorded, and left its memory behind.
   */
  protected final void useRecordedMemory(boolean yes) {
    if (yes && recorded == null) {
      recorded = new Arena[TYPES.length];
      for (DType type : TYPES) {
        if (arenas[type.ordinal()] != null) {
          recorded[type.ordinal()] = newArena(type, null);
          arenas[type.ordinal()].giveFree(recorded[type.ordinal()]);
        }
      }
    }
    recording = yes;
  }

  /** Whether kernels are being recorded, which will be launched again as they are. */
  public final boolean isRecording() {
    return recording;
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
    return new Tensor(this, DType.F32, shape);
  }

  /** As {@link #uninitialized(Shape)}, of a type. */
  public final Tensor uninitialized(DType type, Shape shape) {
    return new Tensor(this, type, shape);
  }

  /** As {@link #uninitialized(Shape)}. */
  public final Tensor uninitialized(int... dims) {
    return uninitialized(Shape.of(dims));
  }

  /** As {@link #uninitialized(Shape)}, of integers. */
  public final Tensor uninitializedInts(int... dims) {
    return new Tensor(this, DType.I32, Shape.of(dims));
  }

  /**
   * For operations: what they need again and again on this device, such as the weights of a resize,
   * made when first asked for. Tensors in it stay as long as the device.
   *
   * @param key what it depends on, comparable by {@code equals}
   */
  public final <T> T constant(Class<T> type, Object key, Supplier<T> make) {
    Object made = constants.get(key);
    if (made == null) {
      try (Scope mine = Scope.detached();
          Autograd.Guard guard = Autograd.noGrad()) {
        made = make.get();
      }
      constants.put(key, made);
    }
    return type.cast(made);
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

  /** A tensor of zeros of a type. */
  public final Tensor zeros(DType type, Shape shape) {
    return full(0, type, shape);
  }

  /** A tensor of ones. */
  public final Tensor ones(int... dims) {
    return full(1, dims);
  }

  /** A tensor of one value. */
  public final Tensor full(double value, int... dims) {
    return full(value, DType.F32, Shape.of(dims));
  }

  /** A tensor of one value of a type. */
  public final Tensor full(double value, DType type, Shape shape) {
    return uninitialized(type, shape).fill(value);
  }

  /** The integers 0, 1, ..., n - 1, of the {@linkplain #indexType type of places}. */
  public final Tensor arange(int n) {
    return arange(n, indexType());
  }

  /** The numbers 0, 1, ..., n - 1. */
  public final Tensor arange(int n, DType type) {
    if (n < 0) {
      throw new IllegalArgumentException("arange: at least 0 numbers, not " + n);
    }
    if (n > 0 && n <= 1 << (COUNTS - 1)) {
      Tensor t = uninitialized(type, Shape.of(n));
      try (Tensor counts = counts(n).slice(0, t.shape())) {
        MapOp.into(t, Formula.IDENTITY, new double[0], counts);
      }
      return t;
    }
    return counted(n, type);
  }

  /**
   * As many numbers or more, kept for good: so that work that is recorded, which takes nothing from
   * the host, can count.
   */
  private synchronized Tensor counts(int n) {
    int size = 32 - Integer.numberOfLeadingZeros(n - 1);
    if (counts[size] == null) {
      try (Scope persistent = Scope.detached()) {
        counts[size] = counted(1 << size, DType.I32);
      }
    }
    return counts[size];
  }

  private Tensor counted(int n, DType type) {
    int[] values = new int[n];
    for (int i = 0; i < n; i++) {
      values[i] = i;
    }
    Tensor t = uninitialized(type, Shape.of(n));
    write(values, 0, type, t.bufferToWrite());
    return t;
  }

  /**
   * The numbers start, start + step, ..., those below end.
   *
   * @param step not 0; with a negative step, those above end
   */
  public final Tensor arange(double start, double end, double step) {
    if (step == 0 || !Double.isFinite((end - start) / step)) {
      throw new IllegalArgumentException(
          "no steps of " + step + " lead from " + start + " to " + end);
    }
    double count = Math.max(0, Math.ceil((end - start) / step));
    double[] values = new double[Shape.of((int) Math.min(count, Integer.MAX_VALUE)).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + i * step;
    }
    return tensor(values);
  }

  /** Numbers at equal distances, both ends included. */
  public final Tensor linspace(double start, double end, int count) {
    double[] values = new double[Shape.of(count).size()];
    double step = count > 1 ? (end - start) / (count - 1) : 0;
    for (int i = 0; i < count; i++) {
      // From both ends, so that the last is exact.
      values[i] = i < (count + 1) / 2 ? start + i * step : end - (count - 1 - i) * step;
    }
    return tensor(values);
  }

  /** Ones on the diagonal of a square of zeros. */
  public final Tensor eye(int n) {
    float[] values = new float[Shape.of(n, n).size()];
    for (int i = 0; i < n; i++) {
      values[i * n + i] = 1;
    }
    return tensor(values, n, n);
  }

  /** Uniform random numbers in [0, 1). */
  public final Tensor rand(Generator generator, int... dims) {
    return RandomOp.uniform(this, generator, DType.F32, Shape.of(dims));
  }

  /** Normal random numbers of mean 0 and variance 1. */
  public final Tensor randn(Generator generator, int... dims) {
    return RandomOp.normal(this, generator, DType.F32, Shape.of(dims));
  }

  /** Random integers low, ..., high - 1, of the {@linkplain #indexType type of places}. */
  public final Tensor randint(Generator generator, long low, long high, int... dims) {
    return RandomOp.integers(this, generator, low, high, indexType(), Shape.of(dims));
  }

  /** The integers 0, ..., n - 1 in random order. */
  public final Tensor randperm(Generator generator, int n) {
    return RandomOp.permutation(this, generator, n);
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

  /** A one-dimensional tensor of type {@code F64}. */
  public final Tensor f64(double... values) {
    return uninitialized(DType.F64, Shape.of(values.length)).copyFrom(values, 0);
  }

  /** A tensor of type {@code I64}. */
  public final Tensor tensor(long[] values, int... dims) {
    checkCount(values.length, dims);
    return uninitialized(DType.I64, Shape.of(dims)).copyFrom(values, 0);
  }

  /** A tensor of type {@code BOOL}. */
  public final Tensor tensor(boolean[] values, int... dims) {
    checkCount(values.length, dims);
    return uninitialized(DType.BOOL, Shape.of(dims)).copyFrom(values, 0);
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

  /** Bytes of elements in use. */
  public final long usedBytes() {
    return bytes(Arena::used);
  }

  /** Largest number of bytes of elements in use at once so far, of each type by itself. */
  public final long peakBytes() {
    return bytes(Arena::peak);
  }

  /** Bytes of elements reserved. */
  public final long reservedBytes() {
    return bytes(Arena::reserved);
  }

  private long bytes(ToLongFunction<Arena> elements) {
    long bytes = 0;
    for (DType type : TYPES) {
      Arena arena = arenas[type.ordinal()];
      bytes += arena == null ? 0 : elements.applyAsLong(arena) * elementBytes(type);
    }
    return bytes;
  }

  @Override
  public String toString() {
    return name();
  }
}
