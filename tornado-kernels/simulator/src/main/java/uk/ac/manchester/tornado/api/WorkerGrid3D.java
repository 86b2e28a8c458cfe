package uk.ac.manchester.tornado.api;

/** Threads in 3 dimensions. */
public class WorkerGrid3D extends AbstractWorkerGrid {
  /** Creates a grid of threads. */
  public WorkerGrid3D(int x, int y, int z) {
    super(x, y, z);
  }

  @Override
  public int dimension() {
    return 3;
  }
}
