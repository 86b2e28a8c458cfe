package tangram.tensor.contract;

import tangram.tensor.CounterRandom;
import tangram.tensor.Device;

/** What the contracts of the kernel families have in common: a device and random numbers. */
abstract class KernelContract {
  /** The device under test. */
  protected abstract Device device();

  /** A call of a kernel, to be described and then compared with the reference. */
  final KernelCheck check(String what) {
    return new KernelCheck(device(), what);
  }

  /** Standard normal numbers, exact in single precision; the same seed gives the same numbers. */
  static double[] normal(int seed, int count) {
    CounterRandom random = new CounterRandom(seed, 1, 0, 0);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Uniform numbers in [low, high), exact in single precision. */
  static double[] uniform(int seed, int count, double low, double high) {
    CounterRandom random = new CounterRandom(seed, 2, 0, 0);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
    return values;
  }

  /** Uniform integers in [low, high). */
  static int[] integers(int seed, int count, int low, int high) {
    CounterRandom random = new CounterRandom(seed, 3, 0, 0);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = low + random.nextInt(high - low);
    }
    return values;
  }

  /** Positive numbers [n, k, hw] that sum to one over k, but for rounding. */
  static double[] probabilities(int seed, int n, int k, int hw) {
    double[] values = normal(seed, n * k * hw);
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < hw; p++) {
        double sum = 0;
        for (int c = 0; c < k; c++) {
          int at = (i * k + c) * hw + p;
          values[at] = Math.exp(1.5 * values[at]);
          sum += values[at];
        }
        for (int c = 0; c < k; c++) {
          int at = (i * k + c) * hw + p;
          values[at] = (float) (values[at] / sum);
        }
      }
    }
    return values;
  }

  /** Rows of unit length, but for rounding: [rows, dim]. */
  static double[] unitRows(int seed, int rows, int dim) {
    double[] values = normal(seed, rows * dim);
    for (int i = 0; i < rows; i++) {
      double squares = 0;
      for (int d = 0; d < dim; d++) {
        squares += values[i * dim + d] * values[i * dim + d];
      }
      for (int d = 0; d < dim; d++) {
        values[i * dim + d] = (float) (values[i * dim + d] / Math.sqrt(squares));
      }
    }
    return values;
  }

  /** The largest magnitude. */
  static double largest(double[] values) {
    double max = 0;
    for (double v : values) {
      max = Math.max(max, Math.abs(v));
    }
    return max;
  }

  /** A permutation of 0..n-1. */
  static int[] permutation(int seed, int n) {
    return new CounterRandom(seed, 4, 0, 0).permutation(n);
  }
}
