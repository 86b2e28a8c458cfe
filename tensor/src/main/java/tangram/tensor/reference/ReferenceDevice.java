package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.HostArrays;
import tangram.tensor.kernel.Kernels;

/** The device {@code reference}: one thread, double precision, plain loops. */
public final class ReferenceDevice extends Device {
  /** None of them has any state. */
  private final Kernels kernels =
      new Kernels(
          new ReferenceLinearAlgebra(),
          new ReferenceConvolution(),
          new ReferenceResampling(),
          new ReferenceAttention(),
          new ReferenceMaps(),
          new ReferenceIndexing());

  /** Creates a device with memory of its own. */
  public ReferenceDevice() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "one thread, double precision, plain loops: the specification";
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int realBytes() {
    return Double.BYTES;
  }

  @Override
  protected Object newStorage(DType type, int length) {
    return switch (type) {
      case F32, F64 -> new double[length];
      case F16 -> new short[length];
      case BF16 -> new char[length];
      case I32 -> new int[length];
      case I64 -> new long[length];
      case BOOL -> new byte[length];
    };
  }

  @Override
  protected void write(Object source, int sourceOffset, DType type, Buffer target) {
    HostArrays.copy(source, sourceOffset, target.storage(), target.offset(), target.length());
  }

  @Override
  protected void read(Buffer source, DType type, Object target, int targetOffset) {
    HostArrays.copy(source.storage(), source.offset(), target, targetOffset, source.length());
  }
}
