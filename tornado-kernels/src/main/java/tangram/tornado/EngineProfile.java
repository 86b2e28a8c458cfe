package tangram.tornado;

import java.util.Locale;

/** What an engine has done; times of the device come from TornadoVM's profiler. */
final class EngineProfile {
  /** Kernels run one by one. */
  long calls;

  /** Bytes copied to the device for tensors. */
  long bytesUp;

  /** Bytes copied to the host for tensors. */
  long bytesDown;

  long compiledTasks;
  long compileNanos;

  /** Runs of graphs of recorded work, and their tasks. */
  long graphs;

  long replayedTasks;

  /** Time of the host in them, and of the device's kernels within. */
  long replayNanos;

  long deviceNanos;

  /** Bytes that TornadoVM copied for these graphs. */
  long graphBytes;

  /**
   * A table of means.
   *
   * @param before counts at the start of what is to be told
   * @param steps steps since
   */
  String table(EngineProfile before, int steps) {
    long tasks = Math.max(1, replayedTasks - before.replayedTasks);
    double replay = replayNanos - before.replayNanos;
    double device = deviceNanos - before.deviceNanos;
    return String.format(
        Locale.ROOT,
        """
        Device, mean of %d steps:
        %9d tasks of recorded work in %d graphs
        %9d kernels run one by one
        %9.1f ms in recorded work, of which kernels %.1f ms; the host's share %.0f microseconds a task
        %9.1f KiB to the device, %.1f KiB to the host; %.1f KiB more for the graphs themselves
        Compiled once: %d tasks in %.1f s""",
        steps,
        tasks / steps,
        (graphs - before.graphs) / steps,
        (calls - before.calls) / steps,
        replay / steps * 1e-6,
        device / steps * 1e-6,
        (replay - device) / tasks * 1e-3,
        (bytesUp - before.bytesUp) / 1024.0 / steps,
        (bytesDown - before.bytesDown) / 1024.0 / steps,
        (graphBytes - before.graphBytes) / 1024.0 / steps,
        compiledTasks,
        compileNanos * 1e-9);
  }

  /** The same counts, which stay. */
  EngineProfile copy() {
    EngineProfile copy = new EngineProfile();
    copy.calls = calls;
    copy.bytesUp = bytesUp;
    copy.bytesDown = bytesDown;
    copy.compiledTasks = compiledTasks;
    copy.compileNanos = compileNanos;
    copy.graphs = graphs;
    copy.replayedTasks = replayedTasks;
    copy.replayNanos = replayNanos;
    copy.deviceNanos = deviceNanos;
    copy.graphBytes = graphBytes;
    return copy;
  }
}
