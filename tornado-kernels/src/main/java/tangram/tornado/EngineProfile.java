package tangram.tornado;

import java.util.HashMap;
import java.util.Map;

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

  /** The same by what the kernels do. */
  final Map<String, Long> byKernel = new HashMap<>();

  /** Time of the host in them, and of the device's kernels within. */
  long replayNanos;

  long deviceNanos;

  /** Bytes that TornadoVM copied for these graphs. */
  long graphBytes;

  /** Adds what was done between two states of an engine. */
  void add(EngineProfile now, EngineProfile before) {
    calls += now.calls - before.calls;
    bytesUp += now.bytesUp - before.bytesUp;
    bytesDown += now.bytesDown - before.bytesDown;
    compiledTasks += now.compiledTasks - before.compiledTasks;
    compileNanos += now.compileNanos - before.compileNanos;
    graphs += now.graphs - before.graphs;
    replayedTasks += now.replayedTasks - before.replayedTasks;
    now.byKernel.forEach(
        (kernel, count) ->
            byKernel.merge(kernel, count - before.byKernel.getOrDefault(kernel, 0L), Long::sum));
    replayNanos += now.replayNanos - before.replayNanos;
    deviceNanos += now.deviceNanos - before.deviceNanos;
    graphBytes += now.graphBytes - before.graphBytes;
  }

  /** The same counts, which stay. */
  EngineProfile copy() {
    EngineProfile copy = new EngineProfile();
    copy.add(this, new EngineProfile());
    return copy;
  }
}
