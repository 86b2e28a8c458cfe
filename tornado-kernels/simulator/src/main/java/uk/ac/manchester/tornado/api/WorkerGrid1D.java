package uk.ac.manchester.tornado.api;

/** Threads in 1 dimension. */
public class WorkerGrid1D extends AbstractWorkerGrid {
  /** Creates a grid of threads. */
  public WorkerGrid1D(int x) {
    super(x, 1, 1);
  }

  @Override
  public int dimension() {
    return 1;
  }
}
