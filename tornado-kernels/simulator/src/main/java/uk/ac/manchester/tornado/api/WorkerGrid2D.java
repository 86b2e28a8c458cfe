package uk.ac.manchester.tornado.api;

/** Threads in 2 dimensions. */
public class WorkerGrid2D extends AbstractWorkerGrid {
  /** Creates a grid of threads. */
  public WorkerGrid2D(int x, int y) {
    super(x, y, 1);
  }

  @Override
  public int dimension() {
    return 2;
  }
}
