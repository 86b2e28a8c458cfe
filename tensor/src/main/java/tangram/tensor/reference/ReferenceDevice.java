package tangram.tensor.reference;

import tangram.tensor.DType;
import tangram.tensor.Device;
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
    return super.newStorage(type == DType.F32 ? DType.F64 : type, length);
  }
}
