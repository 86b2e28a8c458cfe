package tangram.nn;

/**
 * Polynomial decay of the learning rate, {@code end + (start - end) (1 - step / steps)^power}.
 *
 * @param start rate of the first step
 * @param end rate after the last step
 * @param steps number of steps
 * @param power exponent
 */
public record PolynomialSchedule(double start, double end, long steps, double power) {
  /** Checks the schedule. */
  public PolynomialSchedule {
    if (steps < 1) {
      throw new IllegalArgumentException("a schedule needs at least one step");
    }
  }

  /** The rate of a step, counted from 0. */
  public double at(long step) {
    double left = Math.max(0, 1 - (double) step / steps);
    return end + (start - end) * Math.pow(left, power);
  }
}
