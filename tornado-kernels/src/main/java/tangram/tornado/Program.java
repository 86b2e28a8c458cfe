package tangram.tornado;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.GridScheduler;
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

  private final String name;
  private final List<Launch> launches;
  private final Map<String, Long> counts;

  /**
   * Creates a program.
   *
   * @param name unique
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

  /** Name of a graph. */
  String chunkName(int chunk) {
    return name + "_" + chunk;
  }

  /** Makes a graph, and the grids of its tasks. */
  TaskGraph graph(
      int chunk,
      String root,
      KernelContext context,
      FloatArray x,
      IntArray n,
      GridScheduler scheduler) {
    List<Launch> part =
        launches.subList(chunk * GRAPH_TASKS, Math.min(launches.size(), (chunk + 1) * GRAPH_TASKS));
    TaskGraph graph = new TaskGraph(chunkName(chunk)).consumeFromDevice(root, x, n);
    for (int i = 0; i < part.size(); i++) {
      Launch launch = part.get(i);
      IntArray p = new IntArray(launch.ints.length);
      for (int j = 0; j < launch.ints.length; j++) {
        p.set(j, launch.ints[j]);
      }
      FloatArray s = new FloatArray(Kernel.FLOATS);
      for (int j = 0; j < Kernel.FLOATS; j++) {
        s.set(j, launch.floats[j]);
      }
      String id = "t" + i;
      graph
          .transferToDevice(DataTransferMode.FIRST_EXECUTION, p, s)
          .task(id, launch.kernel.code(), context, x, n, p, s);
      WorkerGrid grid = new WorkerGrid3D(1, 1, 1);
      Engine.setGrid(grid, launch);
      scheduler.addWorkerGrid(chunkName(chunk) + "." + id, grid);
    }
    return graph.persistOnDevice(x, n);
  }
}
