package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Executes graphs. The device's memory is kept apart from the host's: every graph has copies of the
 * arrays of its own, shared only by what one persists and another consumes.
 */
public class TornadoExecutionPlan implements AutoCloseable {
  private final List<ImmutableTaskGraph> graphs;
  private final List<Map<Object, TornadoNativeArray>> memory = new ArrayList<>();
  private final Map<String, Map<Object, TornadoNativeArray>> persisted = new HashMap<>();
  private final Set<ImmutableTaskGraph> executed = new HashSet<>();
  private final Map<ImmutableTaskGraph, Map<String, WorkerGrid>> captured = new HashMap<>();
  private GridScheduler scheduler = new GridScheduler();
  private int selected;
  private boolean closed;

  /** Creates a plan of graphs. */
  public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
    graphs = List.of(immutableTaskGraphs);
    for (int i = 0; i < graphs.size(); i++) {
      memory.add(new IdentityHashMap<>());
    }
  }

  /** Chooses the graph that is executed. */
  public TornadoExecutionPlan withGraph(int graphIndex) {
    if (graphIndex < 0 || graphIndex >= graphs.size()) {
      throw new IllegalArgumentException("graph " + graphIndex + " of " + graphs.size());
    }
    selected = graphIndex;
    return this;
  }

  /** Sets the grids of tasks, of which one is the chosen graph's. */
  public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
    String graph = graphs.get(selected).name;
    if (gridScheduler.keySet().stream().noneMatch(task -> task.startsWith(graph + "."))) {
      throw new IllegalArgumentException("no name of a grid is of graph " + graph);
    }
    scheduler = gridScheduler;
    return this;
  }

  /**
   * Makes the chosen graph a CUDA graph: what it launches at its first execution, it launches at
   * all later ones.
   */
  public TornadoExecutionPlan withCUDAGraph() {
    ImmutableTaskGraph graph = graphs.get(selected);
    if (executed.contains(graph)) {
      throw new IllegalStateException(graph.name + " was executed before it became a CUDA graph");
    }
    captured.put(graph, new HashMap<>());
    return this;
  }

  /** Chooses the device. */
  public TornadoExecutionPlan withDevice(TornadoDevice device) {
    return this;
  }

  /** Measures executions: bytes always are, and there is no device whose time could be. */
  public TornadoExecutionPlan withProfiler(ProfilerMode mode) {
    return this;
  }

  /** Compiles the chosen graph ahead of its first execution: nothing to do on the JVM. */
  public TornadoExecutionPlan withPreCompilation() {
    return this;
  }

  /** Frees the device's memory. */
  public TornadoExecutionPlan freeDeviceMemory() {
    memory.forEach(Map::clear);
    persisted.clear();
    return this;
  }

  @Override
  public void close() throws TornadoExecutionPlanException {
    closed = true;
    freeDeviceMemory();
  }

  /** Executes the chosen graph. */
  public TornadoExecutionResult execute() {
    if (closed) {
      throw new IllegalStateException("the plan was closed");
    }
    ImmutableTaskGraph graph = graphs.get(selected);
    Map<Object, TornadoNativeArray> onDevice = memory.get(selected);
    boolean first = executed.add(graph);
    TornadoProfilerResult profile = new TornadoProfilerResult();
    for (TaskGraph.Command command : graph.commands) {
      if (command instanceof TaskGraph.In) {
        TaskGraph.In in = (TaskGraph.In) command;
        if (first || in.mode() == DataTransferMode.EVERY_EXECUTION) {
          TornadoNativeArray host = (TornadoNativeArray) in.array();
          onDevice.computeIfAbsent(host, h -> host.newOnDevice()).copyFrom(host);
          profile.in += 4L * host.getSize();
        }
      } else if (command instanceof TaskGraph.Consume) {
        TaskGraph.Consume consume = (TaskGraph.Consume) command;
        Map<Object, TornadoNativeArray> from = persisted.get(consume.graph());
        if (from == null || !from.containsKey(consume.array())) {
          throw new IllegalStateException(
              graph.name + " consumes an array that " + consume.graph() + " has not left behind");
        }
        onDevice.put(consume.array(), from.get(consume.array()));
      } else if (command instanceof TaskGraph.Persist) {
        Object array = ((TaskGraph.Persist) command).array();
        persisted
            .computeIfAbsent(graph.name, n -> new IdentityHashMap<>())
            .put(array, onDevice.get(array));
      } else if (command instanceof TaskGraph.Task) {
        run(graph, (TaskGraph.Task) command, onDevice);
      } else {
        TaskGraph.Out out = (TaskGraph.Out) command;
        if (out.mode() == DataTransferMode.EVERY_EXECUTION) {
          TornadoNativeArray host = (TornadoNativeArray) out.array();
          host.copyFrom(onDevice.get(host));
          profile.out += 4L * host.getSize();
        }
      }
    }
    return new TornadoExecutionResult(onDevice, profile);
  }

  private void run(
      ImmutableTaskGraph graph, TaskGraph.Task task, Map<Object, TornadoNativeArray> onDevice) {
    Object[] arguments = new Object[task.arguments().length];
    arguments[0] = task.arguments()[0];
    for (int i = 1; i < arguments.length; i++) {
      TornadoNativeArray host = (TornadoNativeArray) task.arguments()[i];
      arguments[i] = onDevice.computeIfAbsent(host, h -> host.newOnDevice());
    }
    WorkerGrid found = scheduler.get(graph.name + "." + task.id());
    if (found == null) {
      throw new IllegalStateException("no grid for task " + graph.name + "." + task.id());
    }
    WorkerGrid grid = found;
    if (captured.containsKey(graph)) {
      grid = captured.get(graph).computeIfAbsent(task.id(), id -> copy(found));
    }
    long[] local = grid.getLocalWork();
    RaceDetector.task();
    WorkGroup.runAll(
        task, arguments, grid.getGlobalWork(), local == null ? new long[] {1, 1, 1} : local);
  }

  private static WorkerGrid copy(WorkerGrid grid) {
    long[] global = grid.getGlobalWork();
    long[] local = grid.getLocalWork();
    WorkerGrid copy = new WorkerGrid3D((int) global[0], (int) global[1], (int) global[2]);
    if (local != null) {
      copy.setLocalWork(local[0], local[1], local[2]);
    }
    return copy;
  }

  @Override
  public String toString() {
    return "plan of " + Arrays.toString(graphs.stream().map(g -> g.name).toArray());
  }
}
