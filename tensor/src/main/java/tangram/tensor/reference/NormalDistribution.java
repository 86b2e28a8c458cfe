package tangram.tensor.reference;

/** The standard normal distribution to double precision, from two textbook expansions. */
final class NormalDistribution {
  private static final double SQRT_PI = Math.sqrt(Math.PI);

  private NormalDistribution() {}

  /** {@code phi(x) = exp(-x^2 / 2) / sqrt(2 pi)}. */
  static double pdf(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** {@code Phi(x) = erfc(-x / sqrt(2)) / 2}. */
  static double cdf(double x) {
    return erfc(-x / Math.sqrt(2)) / 2;
  }

  /** {@code erf(z) = 2 / sqrt(pi) * integral from 0 to z of exp(-t^2) dt}. */
  static double erf(double z) {
    return 1 - erfc(z);
  }

  /**
   * {@code 1 - erf(z)}: near zero from the series of erf, far out from the continued fraction of
   * erfc, which keeps its relative accuracy where 1 - erf would cancel. Source: Abramowitz and
   * Stegun, 7.1.6 and 7.1.14.
   */
  static double erfc(double z) {
    if (z < 0) {
      return 2 - erfc(-z);
    }
    return z < 2 ? 1 - series(z) : continuedFraction(z);
  }

  /**
   * {@code erf(z) = 2 / sqrt(pi) * exp(-z^2) * sum_n 2^n z^(2n+1) / (1 * 3 * ... * (2n+1))}; all
   * terms have the same sign, so nothing cancels.
   */
  private static double series(double z) {
    double term = z;
    double sum = z;
    for (int n = 1; n < 100; n++) {
      term *= 2 * z * z / (2 * n + 1);
      sum += term;
    }
    return 2 / SQRT_PI * Math.exp(-z * z) * sum;
  }

  /**
   * {@code erfc(z) = exp(-z^2) / sqrt(pi) * 1 / (z + (1/2) / (z + (2/2) / (z + (3/2) / (z +
   * ...))))}, evaluated from the inside; 100 levels are exact to rounding for z of at least 2.
   */
  private static double continuedFraction(double z) {
    double tail = z;
    for (int n = 100; n >= 1; n--) {
      tail = z + n / 2.0 / tail;
    }
    return Math.exp(-z * z) / SQRT_PI / tail;
  }
}
