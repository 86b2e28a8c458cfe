package tangram.pclmix.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The numbers along one side of a chart: their range, and the few that are written beside it. */
final class Axis {
  private final double low;
  private final double high;
  private final boolean log;
  private final List<Double> ticks;
  private final double step;

  private Axis(double low, double high, boolean log, List<Double> ticks, double step) {
    this.low = low;
    this.high = high;
    this.log = log;
    this.ticks = ticks;
    this.step = step;
  }

  /**
   * An axis of equal steps.
   *
   * @param count about how many ticks are wanted
   * @param widen whether the range may grow to the next ticks
   */
  static Axis linear(double low, double high, int count, boolean widen) {
    if (!(low < high)) {
      double room = low == 0 || !Double.isFinite(low) ? 1 : Math.abs(low) * 0.1;
      double middle = Double.isFinite(low) ? low : 0;
      return linear(middle - room, middle + room, count, widen);
    }
    double step = niceStep((high - low) / Math.max(1, count));
    // A little slack: 0.3 / 0.1 is not 3.
    double first = widen ? Math.floor(low / step + 1e-9) : Math.ceil(low / step - 1e-9);
    double last = widen ? Math.ceil(high / step - 1e-9) : Math.floor(high / step + 1e-9);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) first; i <= (long) last; i++) {
      ticks.add(i * step);
    }
    return new Axis(
        widen ? first * step : low, widen ? last * step : high, false, List.copyOf(ticks), step);
  }

  /** An axis of equal factors over positive numbers, from a power of ten to one. */
  static Axis logarithmic(double low, double high) {
    if (!(low > 0) || !(low <= high) || !Double.isFinite(high)) {
      return logarithmic(0.1, 1);
    }
    int from = (int) Math.floor(Math.log10(low) + 1e-9);
    int to = Math.max(from + 1, (int) Math.ceil(Math.log10(high) - 1e-9));
    // Not a tick a decade where there are many; between the decades where there are few.
    int every = Math.max(1, (to - from + 5) / 6);
    List<Double> ticks = new ArrayList<>();
    for (int e = from; e <= to; e += every) {
      ticks.add(Math.pow(10, e));
      if (to - from <= 2 && e < to) {
        ticks.add(2 * Math.pow(10, e));
        ticks.add(5 * Math.pow(10, e));
      }
    }
    return new Axis(Math.pow(10, from), Math.pow(10, to), true, List.copyOf(ticks), 0);
  }

  /** The least of 1, 2 and 5 times a power of ten that is not below. */
  private static double niceStep(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= atLeast * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The numbers to be written, ascending. */
  List<Double> ticks() {
    return ticks;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  /** Where a number lies, 0 at the low end and 1 at the high one; NaN where it has no place. */
  double fraction(double value) {
    if (log) {
      return value > 0 ? Math.log(value / low) / Math.log(high / low) : Double.NaN;
    }
    return (value - low) / (high - low);
  }

  /** A tick as text. */
  String label(double tick) {
    double size = Math.abs(tick);
    if (log) {
      int exponent = (int) Math.floor(Math.log10(size) + 1e-9);
      if (exponent < -4 || exponent > 5) {
        return Math.round(size / Math.pow(10, exponent)) + "e" + exponent;
      }
      return String.format(Locale.ROOT, "%." + Math.max(0, -exponent) + "f", tick);
    }
    if (step >= 1) {
      return size < 1e15
          ? String.format(Locale.ROOT, "%,d", Math.round(tick))
          : String.format(Locale.ROOT, "%.0e", tick);
    }
    if (step < 1e-6) {
      return size < step / 2 ? "0" : String.format(Locale.ROOT, "%.1e", tick);
    }
    int decimals = (int) Math.ceil(-Math.log10(step) - 1e-9);
    String text = String.format(Locale.ROOT, "%." + decimals + "f", tick);
    return size < step / 2 ? text.replace("-", "") : text;
  }
}
