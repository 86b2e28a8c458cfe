package tangram.tornado;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Recorded calls, and the chain of task graphs that repeats them. */
final class Program {
  /** Tasks of a graph: TornadoVM allows 1,024 nodes and some kilobytes of bytecode. */
  private static final int GRAPH_TASKS = 64;

  /** One of a program's graphs. */
  private record Chunk(Program program, int number) {}

  private final String name;
  private final List<Launch> launches;
  private final Map<String, Long> counts;

  /**
   * Creates a program.
   *
   * @param name for the user
   */
  Program(String name, List<Launch> launches) {
    this.name = name;
    this.launches = List.copyOf(launches);
    this.counts =
        launches.stream()
            .collect(Collectors.groupingBy(l -> l.kernel.what(), Collectors.counting()));
  }

  String name() {
    return name;
  }

  /** Numbers of calls by what the kernel does. */
  Map<String, Long> counts() {
    return counts;
  }

  int size() {
    return launches.size();
  }

  /** Number of graphs. */
  int chunks() {
    return (launches.size() + GRAPH_TASKS - 1) / GRAPH_TASKS;
  }

  /** What tells a graph from all others. */
  Object key(int chunk) {
    return new Chunk(this, chunk);
  }

  /** Makes a graph, and the grids of its tasks. */
  TaskGraph graph(
      int chunk, String root, KernelContext context, FloatArray x, IntArray n, Grids grids) {
    List<Launch> part =
        launches.subList(chunk * GRAPH_TASKS, Math.min(launches.size(), (chunk + 1) * GRAPH_TASKS));
    TaskGraph graph = new TaskGraph(Engine.KERNELS).consumeFromDevice(root, x, n);
    Map<Kernel, Integer> calls = new HashMap<>();
    for (Launch launch : part) {
      IntArray p = new IntArray(launch.ints.length);
      for (int j = 0; j < launch.ints.length; j++) {
        p.set(j, launch.ints[j]);
      }
      FloatArray s = new FloatArray(Kernel.FLOATS);
      for (int j = 0; j < Kernel.FLOATS; j++) {
        s.set(j, launch.floats[j]);
      }
      String task = launch.kernel.task(calls.merge(launch.kernel, 1, Integer::sum) - 1);
      graph
          .transferToDevice(DataTransferMode.FIRST_EXECUTION, p, s)
          .task(task, launch.kernel.code(), context, x, n, p, s);
      WorkerGrid grid = new WorkerGrid3D(1, 1, 1);
      Engine.setGrid(grid, launch);
      grids.add(key(chunk), graph, task, grid);
    }
    return graph.persistOnDevice(x, n);
  }
}
