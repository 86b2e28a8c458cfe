package tangram.nn;

import java.util.Arrays;
import tangram.tensor.CounterRandom;
import tangram.tensor.Shape;

/**
 * The values that a parameter begins with: what {@code torch.nn.init} has. The first dimension of
 * weights is that of the outputs, the second that of the inputs; all further ones are those of a
 * kernel, of which fans count every element.
 */
@FunctionalInterface
public interface Initializer {
  /**
   * Computes the values.
   *
   * @param values to be filled, in row-major order; zeros before
   * @param random where to draw from
   */
  void fill(double[] values, Shape shape, CounterRandom random);

  /** Which connections of a unit are counted. */
  enum Fan {
    /** Those that enter it, so that variances stay the same forward. */
    IN,
    /** Those that leave it, so that variances stay the same backward. */
    OUT;

    /** How many there are. */
    int of(Shape shape) {
      if (shape.rank() < 2) {
        throw new IllegalArgumentException(
            "an initialiser by fans needs weights [out, in, ...], not a parameter of shape "
                + shape);
      }
      int own = shape.dim(this == IN ? 1 : 0);
      return own == 0 ? 0 : shape.size() / Math.max(1, shape.dim(0) * shape.dim(1)) * own;
    }
  }

  /**
   * The factor by which weights before an activation are larger than before none; PyTorch's {@code
   * calculate_gain}.
   *
   * @param nonlinearity linear, conv, sigmoid, tanh, relu, leaky_relu or selu
   * @param slope of the leaky ReLU
   */
  static double gain(String nonlinearity, double slope) {
    return switch (nonlinearity) {
      case "linear", "conv", "sigmoid" -> 1;
      case "tanh" -> 5.0 / 3;
      case "relu" -> Math.sqrt(2);
      case "leaky_relu" -> Math.sqrt(2 / (1 + slope * slope));
      case "selu" -> 0.75;
      default ->
          throw new IllegalArgumentException(
              "no gain of '"
                  + nonlinearity
                  + "'; there are linear, conv, sigmoid, tanh, relu, leaky_relu and selu");
    };
  }

  /** One value everywhere. */
  static Initializer constant(double value) {
    return (values, shape, random) -> Arrays.fill(values, value);
  }

  /** Zeros. */
  static Initializer zeros() {
    return constant(0);
  }

  /** Ones. */
  static Initializer ones() {
    return constant(1);
  }

  /** Uniform between two numbers. */
  static Initializer uniform(double low, double high) {
    return (values, shape, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = low + (high - low) * random.nextDouble();
      }
    };
  }

  /** Uniform of a magnitude up to {@code 1 / sqrt(fan)}: of biases, whose own shape has no fan. */
  static Initializer uniformByFan(int fan) {
    double bound = fan == 0 ? 0 : 1 / Math.sqrt(fan);
    return uniform(-bound, bound);
  }

  /** Normal. */
  static Initializer normal(double mean, double std) {
    return (values, shape, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = mean + std * random.nextGaussian();
      }
    };
  }

  /** Normal around 0, redrawn beyond two standard deviations. */
  static Initializer truncatedNormal(double std) {
    return truncatedNormal(0, std, -2 * std, 2 * std);
  }

  /** Normal, but only between two numbers. */
  static Initializer truncatedNormal(double mean, double std, double low, double high) {
    if (!(std > 0 && low < high)) {
      throw new IllegalArgumentException(
          "a normal distribution of deviation " + std + " between " + low + " and " + high);
    }
    double a = (low - mean) / std;
    double b = (high - mean) / std;
    // Of the normal density between both, where it is largest.
    double peak = Math.max(a, Math.min(b, 0));
    boolean wide = peak == 0 && b - a >= 2;
    return (values, shape, random) -> {
      for (int i = 0; i < values.length; i++) {
        double g;
        if (wide) {
          do {
            g = random.nextGaussian();
          } while (g < a || g > b);
        } else {
          do {
            g = a + (b - a) * random.nextDouble();
          } while (random.nextDouble() > StrictMath.exp((peak * peak - g * g) / 2));
        }
        values[i] = mean + std * g;
      }
    };
  }

  /** Uniform of variance {@code 2 gain^2 / (fan in + fan out)}. Source: Glorot and Bengio 2010. */
  static Initializer xavierUniform(double gain) {
    return (values, shape, random) -> {
      double bound = gain * Math.sqrt(6.0 / (Fan.IN.of(shape) + Fan.OUT.of(shape)));
      uniform(-bound, bound).fill(values, shape, random);
    };
  }

  /** Normal of variance {@code 2 gain^2 / (fan in + fan out)}. Source: Glorot and Bengio 2010. */
  static Initializer xavierNormal(double gain) {
    return (values, shape, random) ->
        normal(0, gain * Math.sqrt(2.0 / (Fan.IN.of(shape) + Fan.OUT.of(shape))))
            .fill(values, shape, random);
  }

  /**
   * Uniform of variance {@code gain^2 / fan}. Source: He et al. 2015.
   *
   * @param gain see {@link #gain}; {@code gain("leaky_relu", Math.sqrt(5))} is the default of
   *     PyTorch's linear layers and convolutions
   */
  static Initializer kaimingUniform(double gain, Fan fan) {
    return (values, shape, random) -> {
      double bound = gain * Math.sqrt(3.0 / fan.of(shape));
      uniform(-bound, bound).fill(values, shape, random);
    };
  }

  /** Normal of variance {@code gain^2 / fan}. Source: He et al. 2015. */
  static Initializer kaimingNormal(double gain, Fan fan) {
    return (values, shape, random) ->
        normal(0, Math.sqrt(gain * gain / fan.of(shape))).fill(values, shape, random);
  }

  /** Normal of variance {@code 2 / fan in}: of layers before a ReLU. Source: He et al. 2015. */
  static Initializer kaimingNormal() {
    return (values, shape, random) ->
        normal(0, Math.sqrt(2.0 / Fan.IN.of(shape))).fill(values, shape, random);
  }

  /** The unit matrix; the shape has two dimensions. */
  static Initializer eye() {
    return (values, shape, random) -> {
      requireRank("eye", shape, 2, 2);
      for (int i = 0; i < Math.min(shape.dim(0), shape.dim(1)); i++) {
        values[i * shape.dim(1) + i] = 1;
      }
    };
  }

  /**
   * Convolutions that change nothing: output channel i of a group is its input channel i.
   *
   * @param groups of the convolution
   */
  static Initializer dirac(int groups) {
    return (values, shape, random) -> {
      requireRank("dirac", shape, 3, 5);
      if (groups < 1 || shape.dim(0) % groups != 0) {
        throw new IllegalArgumentException(groups + " groups of the outputs of " + shape);
      }
      int each = shape.dim(0) / groups;
      int taps = 1;
      int centre = 0;
      for (int d = 2; d < shape.rank(); d++) {
        taps *= shape.dim(d);
        centre = centre * shape.dim(d) + shape.dim(d) / 2;
      }
      for (int g = 0; g < groups; g++) {
        for (int i = 0; i < Math.min(each, shape.dim(1)); i++) {
          values[((g * each + i) * shape.dim(1) + i) * taps + centre] = 1;
        }
      }
    };
  }

  /**
   * Rows or, where there are more of them than columns, columns of length gain that are orthogonal;
   * all dimensions but the first count as one. Source: Saxe et al. 2013.
   */
  static Initializer orthogonal(double gain) {
    return (values, shape, random) -> {
      requireRank("orthogonal", shape, 2, Integer.MAX_VALUE);
      int rows = shape.dim(0);
      int cols = rows == 0 ? 0 : shape.size() / rows;
      int count = Math.min(rows, cols);
      double[][] vectors = new double[count][Math.max(rows, cols)];
      for (int i = 0; i < count; i++) {
        double[] v = vectors[i];
        for (int k = 0; k < v.length; k++) {
          v[k] = random.nextGaussian();
        }
        // Gram and Schmidt, twice, since the first time leaves rounding errors.
        for (int j = 0; j < 2 * i; j++) {
          double[] u = vectors[j % i];
          double product = dot(u, v);
          for (int k = 0; k < v.length; k++) {
            v[k] -= product * u[k];
          }
        }
        double length = Math.sqrt(dot(v, v));
        for (int k = 0; k < v.length; k++) {
          v[k] /= length;
          values[rows <= cols ? i * cols + k : k * cols + i] = gain * v[k];
        }
      }
    };
  }

  /**
   * Normal around 0, but zero for a share of each column; the shape has two dimensions. Source:
   * Martens 2010.
   */
  static Initializer sparse(double sparsity, double std) {
    return (values, shape, random) -> {
      requireRank("sparse", shape, 2, 2);
      normal(0, std).fill(values, shape, random);
      int zeros = (int) Math.ceil(sparsity * shape.dim(0));
      for (int col = 0; col < shape.dim(1); col++) {
        int[] order = random.permutation(shape.dim(0));
        for (int i = 0; i < zeros; i++) {
          values[order[i] * shape.dim(1) + col] = 0;
        }
      }
    };
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void requireRank(String name, Shape shape, int least, int most) {
    if (shape.rank() < least || shape.rank() > most) {
      throw new IllegalArgumentException(
          "the initialiser " + name + " is not for parameters of shape " + shape);
    }
  }
}
