package tangram.tornado;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What an engine does in steps, without what it does between them. */
final class StepsProfile {
  /** Kernels that are told. */
  private static final int KERNELS = 40;

  private final EngineProfile sum = new EngineProfile();
  private EngineProfile before;
  private int steps;

  /** Begins; {@code now} is what the engine has done so far. */
  StepsProfile(EngineProfile now) {
    before = now.copy();
  }

  /** A step is over, or something else is. */
  void step(EngineProfile now, boolean isStep) {
    if (isStep) {
      steps++;
      sum.add(now, before);
    }
    before = now.copy();
  }

  /** A table of means, and of what was compiled in all. */
  String table(EngineProfile now) {
    if (steps == 0) {
      return "";
    }
    double tasks = Math.max(1, sum.replayedTasks);
    double betweenTasks = sum.replayNanos - sum.deviceNanos;
    String share =
        sum.deviceNanos == 0
            ? "which CUDA graphs do not divide among kernels and the host"
            : String.format(
                Locale.ROOT,
                "of which kernels %.1f ms; the host's share %.0f microseconds a task",
                sum.deviceNanos * 1e-6 / steps,
                betweenTasks / tasks * 1e-3);
    return String.format(
        Locale.ROOT,
        """
        Device, mean of %d steps:
        %9d tasks of recorded work in %d graphs
        %9d kernels run one by one
        %9.1f ms in recorded work, %s
        %9.1f KiB to the device, %.1f KiB to the host; %.1f KiB more for the graphs themselves
        Compiled once: %d tasks in %.1f s
        Tasks by what they do: %s""",
        steps,
        sum.replayedTasks / steps,
        sum.graphs / steps,
        sum.calls / steps,
        sum.replayNanos * 1e-6 / steps,
        share,
        sum.bytesUp / 1024.0 / steps,
        sum.bytesDown / 1024.0 / steps,
        sum.graphBytes / 1024.0 / steps,
        now.compiledTasks,
        now.compileNanos * 1e-9,
        kernels());
  }

  /** The most frequent kernels, with the number of their calls in a step. */
  private String kernels() {
    return sum.byKernel.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(KERNELS)
        .map(e -> e.getKey() + " " + e.getValue() / steps)
        .collect(Collectors.joining(", "));
  }
}
