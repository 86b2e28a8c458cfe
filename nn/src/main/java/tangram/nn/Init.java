package tangram.nn;

import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Makes the initial parameters of modules on a device. Every parameter draws from a random stream
 * of its own, numbered in the order of creation, so the same seed gives the same network on any
 * device.
 *
 * <p>Layers begin as PyTorch's do. {@link #weights} and {@link #biases} name other initialisers:
 *
 * <pre>{@code
 * Init init = new Init(device, seed);
 * Init small = init.weights(Initializer.normal(0, 0.02)).biases(Initializer.zeros());
 * new Linear(small, 784, 10);
 * }</pre>
 */
public final class Init {
  /** The purpose under which initial weights draw random numbers. */
  public static final int PURPOSE = 1;

  /** The purpose under which layers get generators. */
  private static final int GENERATORS = 3;

  /** What was made so far. */
  private static final class Counts {
    int parameters;
    int generators;
  }

  private final Device device;
  private final long seed;

  /** Whether weights come from a file. */
  private final boolean unset;

  private final Counts counts;
  private final Initializer weights;
  private final Initializer biases;

  /** Creates parameters on a device from a seed. */
  public Init(Device device, long seed) {
    this(device, seed, false, new Counts(), null, null);
  }

  /**
   * For networks whose weights are read from a file: they are 0 until then, and no time goes into
   * random numbers.
   */
  public static Init unset(Device device) {
    return new Init(device, 0, true, new Counts(), null, null);
  }

  private Init(
      Device device,
      long seed,
      boolean unset,
      Counts counts,
      Initializer weights,
      Initializer biases) {
    this.device = device;
    this.seed = seed;
    this.unset = unset;
    this.counts = counts;
    this.weights = weights;
    this.biases = biases;
  }

  /** The device of the parameters. */
  public Device device() {
    return device;
  }

  /**
   * The same, but layers begin with other weights: matrices, kernels and tables, not the factors of
   * normalisations. Streams are numbered together.
   */
  public Init weights(Initializer weights) {
    return new Init(device, seed, unset, counts, weights, biases);
  }

  /** The same, but layers begin with other biases; not the summands of normalisations. */
  public Init biases(Initializer biases) {
    return new Init(device, seed, unset, counts, weights, biases);
  }

  /** For layers: weights that begin as {@link #weights} says, else in the layer's own way. */
  public Tensor weight(Initializer own, int... dims) {
    return draw(weights == null ? own : weights, dims);
  }

  /** For layers: a bias that begins as {@link #biases} says, else in the layer's own way. */
  public Tensor bias(Initializer own, int... dims) {
    return draw(biases == null ? own : biases, dims);
  }

  /** A tensor of values of an initialiser. */
  public Tensor draw(Initializer initializer, int... dims) {
    try (Scope persistent = Scope.detached()) {
      return fill(device.empty(dims), initializer);
    }
  }

  /** Overwrites a tensor with values of an initialiser. */
  public Tensor fill(Tensor tensor, Initializer initializer) {
    if (unset) {
      return tensor.fill(0);
    }
    CounterRandom random = new CounterRandom(seed, PURPOSE, counts.parameters++, 0);
    double[] values = new double[tensor.size()];
    initializer.fill(values, tensor.shape(), random);
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return tensor.copyFrom(rounded, 0);
  }

  /** One value everywhere. */
  public Tensor full(double value, int... dims) {
    counts.parameters++;
    try (Scope persistent = Scope.detached()) {
      return device.full(value, dims);
    }
  }

  /** For layers that draw in training: {@link Module#generator} registers it. */
  Generator generator() {
    CounterRandom random = new CounterRandom(seed, GENERATORS, counts.generators++, 0);
    return new Generator((long) random.nextInt() << 32 | random.nextInt() & 0xFFFFFFFFL);
  }

  @Override
  public String toString() {
    return "Init(" + device + ", seed " + seed + ")";
  }
}
