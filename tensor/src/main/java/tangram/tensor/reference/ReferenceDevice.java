package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.kernel.KernelFamilies;
import tangram.tensor.kernel.Kernels;

/** The device {@code reference}: one thread, double precision, plain loops. */
public final class ReferenceDevice extends Device {
  /** None of them has any state. */
  private final Kernels kernels =
      new KernelFamilies(
          new ReferenceLinearAlgebra(),
          new ReferenceConvolution(),
          new ReferenceNormalization(),
          new ReferenceElementwise(),
          new ReferenceReduction(),
          new ReferenceLayout(),
          new ReferenceAttention(),
          new ReferenceLoss(),
          new ReferenceOptimizer());

  /** Creates a device with memory of its own. */
  public ReferenceDevice() {
    super(double[]::new, int[]::new);
  }

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
  protected void write(double[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.doubles(), target.offset(), target.length());
  }

  @Override
  protected void write(float[] source, int sourceOffset, Buffer target) {
    for (int i = 0; i < target.length(); i++) {
      target.doubles()[target.offset() + i] = source[sourceOffset + i];
    }
  }

  @Override
  protected void write(int[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.ints(), target.offset(), target.length());
  }

  @Override
  protected void read(Buffer source, double[] target, int targetOffset) {
    System.arraycopy(source.doubles(), source.offset(), target, targetOffset, source.length());
  }

  @Override
  protected void read(Buffer source, float[] target, int targetOffset) {
    for (int i = 0; i < source.length(); i++) {
      target[targetOffset + i] = (float) source.doubles()[source.offset() + i];
    }
  }

  @Override
  protected void read(Buffer source, int[] target, int targetOffset) {
    System.arraycopy(source.ints(), source.offset(), target, targetOffset, source.length());
  }
}
