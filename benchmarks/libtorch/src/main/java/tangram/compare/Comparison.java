package tangram.compare;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Checks and measures rows, and prints the table as it grows and the geometric mean below it. */
final class Comparison {
  private final Pace pace;
  private final PrintWriter out;

  Comparison(Pace pace, PrintWriter out) {
    this.pace = pace;
    this.out = out;
  }

  /** What else a row tells. */
  interface Column {
    /** Its title, as wide as its values. */
    String title();

    /** Its value in the row measured last. */
    String value(Entry entry, Race.Times times);
  }

  /** For tables without a further column. */
  static final Column NONE =
      new Column() {
        @Override
        public String title() {
          return "";
        }

        @Override
        public String value(Entry entry, Race.Times times) {
          return "";
        }
      };

  /**
   * Compares the rows.
   *
   * @throws DisagreementException at the first row whose two results differ
   */
  void run(List<Entry> entries, Column column) {
    mix(entries);
    int name = width("case", entries.stream().map(Entry::name).toList());
    int mode = width("mode", entries.stream().map(Entry::mode).toList());
    String head = "%-" + name + "s  %-" + mode + "s  ";
    line(
        head + "%5s %10s %12s %6s  %s",
        "case",
        "mode",
        "count",
        "ours ms",
        "libtorch ms",
        "ratio",
        column.title());
    Race race = new Race(pace);
    Map<Entry, Double> ratios = new LinkedHashMap<>();
    for (Entry entry : entries) {
      Race.Times times;
      try (Case c = entry.open().get()) {
        c.check();
        times = race.run(c);
      }
      ratios.put(entry, times.ratio());
      line(
          head + "%5s %10.3f %12.3f %6.2f  %s",
          entry.name(),
          entry.mode(),
          entry.count() == 0 ? "" : entry.count(),
          1e3 * times.ours(),
          1e3 * times.theirs(),
          times.ratio(),
          column.value(entry, times));
    }
    summary(ratios);
  }

  private void mix(List<Entry> entries) {
    if (pace.mixSeconds() == 0) {
      return;
    }
    for (Entry entry : entries) {
      try (Case c = entry.open().get()) {
        Race.warmUp(c::ours, pace.mixSeconds());
      }
    }
  }

  private void summary(Map<Entry, Double> ratios) {
    Map<String, List<Double>> byMode = new LinkedHashMap<>();
    Entry worst = null;
    for (Map.Entry<Entry, Double> row : ratios.entrySet()) {
      byMode.computeIfAbsent(row.getKey().mode(), m -> new ArrayList<>()).add(row.getValue());
      if (worst == null || row.getValue() > ratios.get(worst)) {
        worst = row.getKey();
      }
    }
    line("worst row: %s, %s: %.2f", worst.name(), worst.mode(), ratios.get(worst));
    if (byMode.size() > 1) {
      byMode.forEach(
          (mode, values) ->
              line(
                  "geometric mean of %d rows %s: %.2f",
                  values.size(), mode, geometricMean(values)));
    }
    line(
        "geometric mean ours/libtorch time: %.2f", geometricMean(new ArrayList<>(ratios.values())));
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    out.flush();
  }

  private static double geometricMean(List<Double> values) {
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
  }

  private static int width(String title, List<String> values) {
    return Math.max(title.length(), values.stream().mapToInt(String::length).max().orElse(0));
  }
}
