package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.vector.attention.VectorAttention;
import tangram.tensor.vector.conv.VectorConvolution;
import tangram.tensor.vector.elementwise.VectorMaps;
import tangram.tensor.vector.gemm.VectorLinearAlgebra;
import tangram.tensor.vector.index.VectorIndexing;
import tangram.tensor.vector.resample.VectorResampling;
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

  private final Kernels kernels;

  /**
   * Creates the device; it reserves memory when the first tensor is made.
   *
   * @throws DeviceException if Java runs without the Vector API
   */
  public VectorDevice() {
    // First, since kernels fail with the name of a class that is missing.
    requireVectorApi();
    kernels = families();
  }

  private static Kernels families() {
    VectorMaps maps = new VectorMaps();
    return new Kernels(
        new VectorLinearAlgebra(maps),
        new VectorConvolution(),
        new VectorResampling(),
        new VectorAttention(),
        maps,
        new VectorIndexing());
  }

  private static void requireVectorApi() {
    if (ModuleLayer.boot().findModule(VECTOR_API).isEmpty()) {
      throw new DeviceException(
          ("The device 'vector' needs Java's Vector API, which this Java was started without;"
                  + " start it with the option --add-modules %s.")
              .formatted(VECTOR_API));
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
    return "CPU, %s-bit vectors, %s%s"
        .formatted(
            FloatVector.SPECIES_PREFERRED.vectorBitSize(),
            Parallel.threads(),
            Parallel.threads() == 1 ? " thread" : " threads");
  }

  @Override
  public int realBytes() {
    return Float.BYTES;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }
}
