package tangram.tornado;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * The grids of all tasks, of one graph at a time, since graphs share names ({@link Engine}).
 * TornadoVM looks through their names at every execution for one that is the graph's, and prints
 * them all; this one names a single task, and prints nothing.
 */
final class Grids extends GridScheduler {
  private final Map<Object, Map<String, WorkerGrid>> graphs = new HashMap<>();
  private Map<String, WorkerGrid> selected;
  private Set<String> first;

  /**
   * Adds a task.
   *
   * @param key tells its graph from others
   */
  void add(Object key, TaskGraph graph, String task, WorkerGrid grid) {
    String name = graph.getTaskGraphName() + "." + task;
    if (graphs.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(name, grid) != null) {
      throw new IllegalStateException("two tasks " + name + " in " + key);
    }
  }

  /** Chooses the graph that is executed next. */
  void select(Object key) {
    selected = graphs.get(key);
    first = Set.of(selected.keySet().iterator().next());
  }

  @Override
  public WorkerGrid get(String taskName) {
    return selected.get(taskName);
  }

  @Override
  public boolean contains(String graph, String task) {
    return selected.containsKey(graph + "." + task);
  }

  @Override
  public Set<String> keySet() {
    return first;
  }

  @Override
  public String toString() {
    return "";
  }
}
