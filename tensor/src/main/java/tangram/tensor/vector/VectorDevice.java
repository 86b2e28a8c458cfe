package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.kernel.KernelFamilies;
import tangram.tensor.kernel.Kernels;

/**
 * The CPU in single precision: the Vector API on every core that {@link Parallel} uses.
 *
 * <p>Results have the same bits for any number of threads on one vector width. Another width adds
 * in another order, so sums may then differ in the last bits.
 */
public final class VectorDevice extends Device {
  private final Kernels kernels =
      new KernelFamilies(
          new VectorLinearAlgebra(),
          new VectorConvolution(),
          new VectorNormalization(),
          new VectorElementwise(),
          new VectorReduction(),
          new VectorLayout(),
          new VectorAttention(),
          new VectorLoss(),
          new VectorOptimizer());

  /** Creates the device; it reserves memory when the first tensor is made. */
  public VectorDevice() {
    super(float[]::new, int[]::new);
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "CPU, "
        + FloatVector.SPECIES_PREFERRED.vectorBitSize()
        + "-bit vectors, "
        + Parallel.threads()
        + (Parallel.threads() == 1 ? " thread" : " threads");
  }

  @Override
  public int realBytes() {
    return Float.BYTES;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  protected void write(double[] source, int sourceOffset, Buffer target) {
    float[] t = target.floats();
    int offset = target.offset();
    for (int i = 0; i < target.length(); i++) {
      t[offset + i] = (float) source[sourceOffset + i];
    }
  }

  @Override
  protected void write(float[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.floats(), target.offset(), target.length());
  }

  @Override
  protected void write(int[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.ints(), target.offset(), target.length());
  }

  @Override
  protected void read(Buffer source, double[] target, int targetOffset) {
    float[] s = source.floats();
    int offset = source.offset();
    for (int i = 0; i < source.length(); i++) {
      target[targetOffset + i] = s[offset + i];
    }
  }

  @Override
  protected void read(Buffer source, float[] target, int targetOffset) {
    System.arraycopy(source.floats(), source.offset(), target, targetOffset, source.length());
  }

  @Override
  protected void read(Buffer source, int[] target, int targetOffset) {
    System.arraycopy(source.ints(), source.offset(), target, targetOffset, source.length());
  }
}
