package tangram.compare;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.vector.VectorDevice;

/** What all comparisons have: threads, pace, and the choice of rows. */
final class CompareOptions {
  private static final int MOST_THREADS = 1024;

  /** Share of the processors that other programs may use before it is worth telling. */
  private static final double BUSY = 0.05;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      paramLabel = "THREADS",
      arity = "0..1",
      description = "Threads of each side (default: one a core).")
  private Integer threads;

  @Option(names = "--quick", description = "Measure shortly: to see that it works.")
  private boolean quick;

  @Option(
      names = "--match",
      paramLabel = "TEXT",
      description = "Only the rows in whose case and mode the text occurs.")
  private String match;

  @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
  private boolean help;

  private Libtorch libtorch;

  /** Threads of each side. */
  int threads() {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (count < 1 || count > MOST_THREADS) {
      throw new ParameterException(
          spec.commandLine(), "the threads must be from 1 to " + MOST_THREADS + ", not " + count);
    }
    return count;
  }

  /** Whether to measure shortly. */
  boolean quick() {
    return quick;
  }

  /** Where to print. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Our device, with the threads asked for. */
  Device device() {
    VectorDevice.setThreads(threads());
    return Devices.get(Devices.DEFAULT);
  }

  /** libtorch, with the threads asked for; started when first needed. */
  Libtorch libtorch() {
    if (libtorch == null) {
      libtorch = new Libtorch(threads());
    }
    return libtorch;
  }

  /** Compares the rows that were chosen. */
  void compare(List<Entry> entries, Comparison.Column column) {
    compare(entries, column, quick ? Pace.QUICK : Pace.FULL);
  }

  /** Compares the rows that were chosen. */
  void compare(List<Entry> entries, Comparison.Column column, Pace pace) {
    List<Entry> chosen =
        entries.stream()
            .filter(e -> match == null || (e.name() + " " + e.mode()).contains(match))
            .toList();
    if (chosen.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "no row has '" + match + "' in it; the first is '" + entries.get(0).name() + "'");
    }
    libtorch();
    double others = OtherPrograms.share();
    if (others > BUSY) {
      spec.commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "warning: other programs use %.0f%% of the processors; times will be too long, most of"
                  + " all libtorch's with several threads, which wait for each other.%n",
              100 * others);
    }
    out()
        .printf(
            Locale.ROOT,
            "Tangram (%s) and libtorch %s, %d %s each%n",
            device().description(),
            Libtorch.version(),
            threads(),
            threads() == 1 ? "thread" : "threads");
    new Comparison(pace, out()).run(chosen, column);
  }
}
