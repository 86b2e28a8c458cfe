package tangram.tensor.expr;

/**
 * The error function to double precision, from two textbook expansions. Source: Abramowitz and
 * Stegun, 7.1.6 and 7.1.14.
 */
public final class ErrorFunction {
  private static final double SQRT_PI = Math.sqrt(Math.PI);

  /** The derivative of erf at 0. */
  static final double SLOPE = 2 / SQRT_PI;

  private ErrorFunction() {}

  /** {@code erf(z) = 2 / sqrt(pi) * integral from 0 to z of exp(-t^2) dt}. */
  public static double erf(double z) {
    return Math.abs(z) < 2 ? series(z) : z < 0 ? erfc(-z) - 1 : 1 - erfc(z);
  }

  /** {@code 1 - erf(z)}, with its own relative accuracy where erf is nearly 1. */
  public static double erfc(double z) {
    if (z < 0.5) {
      return z < -2 ? 2 - continuedFraction(-z) : 1 - series(z);
    }
    return z < 2 ? 1 - series(z) : continuedFraction(z);
  }

  /** The normal distribution function. */
  static double normal(double x) {
    return 0.5 * erfc(-x * Math.sqrt(0.5));
  }

  /** The density of the normal distribution. */
  static double density(double x) {
    return StrictMath.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  /**
   * {@code erf(z) = 2 / sqrt(pi) * exp(-z^2) * sum_n 2^n z^(2n+1) / (1 * 3 * ... * (2n+1))}; all
   * terms have the same sign, so nothing cancels.
   */
  private static double series(double z) {
    double term = z;
    double sum = z;
    for (int n = 1; n < 100 && Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= 2 * z * z / (2 * n + 1);
      sum += term;
    }
    return SLOPE * StrictMath.exp(-z * z) * sum;
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
    return StrictMath.exp(-z * z) / SQRT_PI / tail;
  }
}
