package tangram.tensor.kernel;

/** How many values become one. */
public enum Reducer {
  /** The sum; 0 of none. */
  SUM(0),
  /** The product; 1 of none. */
  PRODUCT(1),
  /** The largest; NaN if one is; -infinity of none. */
  MAX(Double.NEGATIVE_INFINITY),
  /** The smallest; NaN if one is; infinity of none. */
  MIN(Double.POSITIVE_INFINITY);

  private final double identity;

  Reducer(double identity) {
    this.identity = identity;
  }

  /** The result for no values. */
  public double identity() {
    return identity;
  }

  /** Takes one more value in. */
  public double combine(double a, double b) {
    return switch (this) {
      case SUM -> a + b;
      case PRODUCT -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  /** The result for no values, of integers. */
  public long integerIdentity() {
    return switch (this) {
      case SUM -> 0;
      case PRODUCT -> 1;
      case MAX -> Long.MIN_VALUE;
      case MIN -> Long.MAX_VALUE;
    };
  }

  /** Takes one more integer in. */
  public long combine(long a, long b) {
    return switch (this) {
      case SUM -> a + b;
      case PRODUCT -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }
}
