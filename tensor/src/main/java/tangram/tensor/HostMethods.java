package tangram.tensor;

import java.lang.ref.Reference;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.TransferOp;

/** How numbers get into a {@link Tensor} and out of it. */
public abstract sealed class HostMethods permits SpatialMethods {

  HostMethods() {}

  final Tensor self() {
    return (Tensor) this;
  }

  /** Overwrites all elements with one value. */
  public final Tensor fill(double value) {
    Tensor t = self();
    DType type = t.type();
    double limit = type == DType.I32 ? 0x1p31 : 0x1p63;
    if (!type.isReal() && !(value == Math.rint(value) && value >= -limit && value < limit)) {
      throw new IllegalStateException("a tensor of type " + type + " cannot hold " + value);
    }
    MapOp.into(t, Formula.CONSTANT, new double[] {value});
    return t;
  }

  /** Overwrites real elements from host memory. */
  public final Tensor copyFrom(float[] source, int sourceOffset) {
    return write(source, source.length, sourceOffset, DType.Kind.REAL);
  }

  /** Overwrites real elements from host memory. */
  public final Tensor copyFrom(double[] source, int sourceOffset) {
    return write(source, source.length, sourceOffset, DType.Kind.REAL);
  }

  /** Overwrites integer elements from host memory. */
  public final Tensor copyFrom(int[] source, int sourceOffset) {
    return write(source, source.length, sourceOffset, DType.Kind.INTEGER);
  }

  /** Overwrites elements of type {@code I64} from host memory. */
  public final Tensor copyFrom(long[] source, int sourceOffset) {
    if (self().type() == DType.I32) {
      throw new IllegalStateException("64-bit integers do not fit a tensor of type I32; use int[]");
    }
    return write(source, source.length, sourceOffset, DType.Kind.INTEGER);
  }

  /** Overwrites elements of type {@code BOOL} from host memory. */
  public final Tensor copyFrom(boolean[] source, int sourceOffset) {
    return write(source, source.length, sourceOffset, DType.Kind.BOOLEAN);
  }

  private Tensor write(Object source, int length, int sourceOffset, DType.Kind kind) {
    checkKind(kind);
    checkHost(length, sourceOffset);
    Tensor t = self();
    if (t.isContiguous()) {
      t.device().write(source, sourceOffset, t.type(), t.bufferToWrite());
    } else {
      try (Tensor copy = t.device().uninitialized(t.type(), t.shape())) {
        t.device().write(source, sourceOffset, t.type(), copy.bufferToWrite());
        t.copyFrom(copy);
      }
    }
    return t;
  }

  /** Copies real elements to host memory. */
  public final void copyTo(float[] target, int targetOffset) {
    read(target, target.length, targetOffset, DType.Kind.REAL);
  }

  /** Copies integer elements to host memory. */
  public final void copyTo(int[] target, int targetOffset) {
    if (self().type() == DType.I64) {
      throw new IllegalStateException("64-bit integers do not fit int[]; use toLongs()");
    }
    read(target, target.length, targetOffset, DType.Kind.INTEGER);
  }

  private void read(Object target, int length, int targetOffset, DType.Kind kind) {
    checkKind(kind);
    checkHost(length, targetOffset);
    Tensor t = self();
    Tracer.current().read(t);
    t.device().read(t.buffer(), t.type(), target, targetOffset);
    Reference.reachabilityFence(t);
  }

  /** Real elements on the host. */
  public final float[] toFloats() {
    float[] values = new float[self().size()];
    copyTo(values, 0);
    return values;
  }

  /** Real elements on the host. */
  public final double[] toDoubles() {
    double[] values = new double[self().size()];
    read(values, values.length, 0, DType.Kind.REAL);
    return values;
  }

  /** Elements of type {@code I32} on the host. */
  public final int[] toInts() {
    int[] values = new int[self().size()];
    copyTo(values, 0);
    return values;
  }

  /** Integer elements on the host. */
  public final long[] toLongs() {
    long[] values = new long[self().size()];
    read(values, values.length, 0, DType.Kind.INTEGER);
    return values;
  }

  /** Elements of type {@code BOOL} on the host. */
  public final boolean[] toBooleans() {
    boolean[] values = new boolean[self().size()];
    read(values, values.length, 0, DType.Kind.BOOLEAN);
    return values;
  }

  /** The value of a one-element tensor; 1 for true. */
  public final double item() {
    if (self().size() != 1) {
      throw new IllegalStateException("item() of a tensor of shape " + self().shape());
    }
    double[] value = new double[1];
    read(value, 1, 0, self().type().kind());
    return value[0];
  }

  /**
   * The elements on another device, by way of the host; the tensor itself where it is there. The
   * gradient comes back the same way.
   *
   * @throws DeviceException if the other device does not have the type
   */
  public final Tensor to(Device device) {
    return TransferOp.transfer(self(), device);
  }

  private void checkKind(DType.Kind wanted) {
    if (self().type().kind() != wanted) {
      throw new IllegalStateException(
          switch (self().type().kind()) {
            case INTEGER ->
                "a tensor of integers has no other elements to read or write; use int[] and toInts(),"
                    + " long[] and toLongs()";
            case BOOLEAN ->
                "a tensor of true and false has no numbers to read or write; use boolean[] and"
                    + " toBooleans()";
            case REAL ->
                "a tensor of real numbers has no integers to read or write; use float[] or double[],"
                    + " toFloats() or toDoubles()";
          });
    }
  }

  private void checkHost(int length, int offset) {
    if (offset < 0 || length - offset < self().size()) {
      throw new IllegalArgumentException(
          "a host array of " + length + " from " + offset + " is too short for " + self().shape());
    }
  }
}
