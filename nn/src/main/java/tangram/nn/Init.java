package tangram.nn;

import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Makes the initial parameters of modules on a device. Every parameter draws from a random stream
 * of its own, numbered in the order of creation, so the same seed gives the same network on any
 * device.
 */
public final class Init {
  /** The purpose under which initial weights draw random numbers. */
  public static final int PURPOSE = 1;

  private final Device device;
  private final long seed;
  private int created;

  /** Creates parameters on a device from a seed. */
  public Init(Device device, long seed) {
    this.device = device;
    this.seed = seed;
  }

  /** The device of the parameters. */
  public Device device() {
    return device;
  }

  /**
   * Normal with standard deviation sqrt(2 / fan in): He et al. 2015, PyTorch's {@code
   * kaiming_normal_}.
   *
   * @param dims [out, in, ...]
   */
  public Tensor kaimingNormal(int... dims) {
    int fanIn = 1;
    for (int i = 1; i < dims.length; i++) {
      fanIn *= dims[i];
    }
    double std = Math.sqrt(2.0 / fanIn);
    return draw(random -> std * random.nextGaussian(), dims);
  }

  /** Normal with the given standard deviation, redrawn beyond two of them. */
  public Tensor truncatedNormal(double std, int... dims) {
    return draw(
        random -> {
          double g = random.nextGaussian();
          while (Math.abs(g) > 2) {
            g = random.nextGaussian();
          }
          return std * g;
        },
        dims);
  }

  /** One value everywhere. */
  public Tensor full(double value, int... dims) {
    created++;
    try (Scope persistent = Scope.detached()) {
      return device.full(value, dims);
    }
  }

  private interface Distribution {
    double draw(CounterRandom random);
  }

  private Tensor draw(Distribution distribution, int... dims) {
    CounterRandom random = new CounterRandom(seed, PURPOSE, created++, 0);
    try (Scope persistent = Scope.detached()) {
      Tensor tensor = device.empty(dims);
      float[] values = new float[tensor.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) distribution.draw(random);
      }
      return tensor.copyFrom(values, 0);
    }
  }
}
