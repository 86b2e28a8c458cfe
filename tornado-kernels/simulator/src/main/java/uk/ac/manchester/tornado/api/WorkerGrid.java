package uk.ac.manchester.tornado.api;

/** How many threads run a task, and in groups of which size. */
public interface WorkerGrid {
  /** Number of dimensions. */
  int dimension();

  /** Threads in each dimension. */
  long[] getGlobalWork();

  /** Threads of a group in each dimension; null leaves them to the runtime. */
  long[] getLocalWork();

  /** Sets the number of threads. */
  void setGlobalWork(long x, long y, long z);

  /** Sets the size of a group. */
  void setLocalWork(long x, long y, long z);
}
