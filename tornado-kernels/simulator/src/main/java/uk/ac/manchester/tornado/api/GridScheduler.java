package uk.ac.manchester.tornado.api;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The grids of tasks by {@code graph.task}. */
public class GridScheduler {
  private final Map<String, WorkerGrid> grids = new HashMap<>();

  /** Creates an empty scheduler. */
  public GridScheduler() {}

  /** Sets a task's grid. */
  public void addWorkerGrid(String taskName, WorkerGrid workerGrid) {
    grids.put(taskName, workerGrid);
  }

  /** A task's grid, or null. */
  public WorkerGrid get(String taskName) {
    return grids.get(taskName);
  }

  /** Whether a task of a graph has one. */
  public boolean contains(String graphName, String taskName) {
    return grids.containsKey(graphName + "." + taskName);
  }

  /** The names of the tasks that have one. */
  public Set<String> keySet() {
    return grids.keySet();
  }
}
