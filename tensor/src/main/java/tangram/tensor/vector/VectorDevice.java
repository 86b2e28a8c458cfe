package tangram.tensor.vector;

import java.util.function.IntFunction;
import jdk.incubator.vector.FloatVector;
import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.kernel.KernelFamilies;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.vector.attention.VectorAttention;
import tangram.tensor.vector.conv.VectorConvolution;
import tangram.tensor.vector.elementwise.VectorElementwise;
import tangram.tensor.vector.elementwise.VectorOptimizer;
import tangram.tensor.vector.gemm.VectorLinearAlgebra;
import tangram.tensor.vector.layout.VectorLayout;
import tangram.tensor.vector.loss.VectorLoss;
import tangram.tensor.vector.norm.VectorNormalization;
import tangram.tensor.vector.reduction.VectorReduction;
import tangram.tensor.vector.runtime.FmaPeak;
import tangram.tensor.vector.runtime.Parallel;

/**
 * The CPU in single precision: the Vector API on every core that {@link Parallel} uses.
 *
 * <p>Results have the same bits for any number of threads on one vector width. Another width adds
 * in another order, so sums may then differ in the last bits.
 */
public final class VectorDevice extends Device {
  private static final String VECTOR_API = "jdk.incubator.vector";

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

  /**
   * Creates the device; it reserves memory when the first tensor is made.
   *
   * @throws DeviceException if Java runs without the Vector API
   */
  public VectorDevice() {
    super(checkedArrays(), int[]::new);
  }

  /** Before any kernel is made, since those fail with the name of a class that is missing. */
  private static IntFunction<Object> checkedArrays() {
    requireVectorApi();
    return float[]::new;
  }

  private static void requireVectorApi() {
    if (ModuleLayer.boot().findModule(VECTOR_API).isEmpty()) {
      throw new DeviceException(
          "The device 'vector' needs Java's Vector API, which this Java was started without; start"
              + " it with the option --add-modules "
              + VECTOR_API
              + ".");
    }
  }

  /** Number of threads that run kernels, the caller included. */
  public static int threads() {
    return Parallel.threads();
  }

  /**
   * Changes the number of threads, for all devices of this kind.
   *
   * @param threads threads that run kernels, the caller included
   * @throws IllegalArgumentException if not positive
   */
  public static void setThreads(int threads) {
    Parallel.setThreads(threads);
  }

  /**
   * Measures the floating-point operations a second that one thread cannot exceed; takes a moment.
   *
   * @throws DeviceException if Java runs without the Vector API
   */
  public static double peakFlops() {
    requireVectorApi();
    return FmaPeak.measure();
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
