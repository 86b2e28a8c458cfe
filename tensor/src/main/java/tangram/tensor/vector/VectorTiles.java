package tangram.tensor.vector;

/**
 * Splits work by fixed sizes, so that neither the pieces nor the order within them depend on the
 * number of threads.
 */
final class VectorTiles {
  /**
   * Elements of a memory-bound task: some microseconds of work, enough to hide the cost of claiming
   * it. Anything smaller runs on the calling thread.
   */
  static final int ELEMENTS = 1 << 14;

  /**
   * Elements that are summed in single precision, spread over the lanes, before the sum continues
   * in double precision.
   */
  static final int SUM = 1 << 12;

  private VectorTiles() {}

  /** Work on the indices from, ..., to - 1. */
  interface Range {
    void run(int from, int to);
  }

  /** Runs the body on consecutive ranges of the given length that cover 0, ..., n - 1. */
  static void run(int n, int tile, Range body) {
    if (n <= tile) {
      if (n > 0) {
        body.run(0, n);
      }
      return;
    }
    Parallel.run(
        count(n, tile),
        i -> {
          int from = i * tile;
          body.run(from, from + Math.min(tile, n - from));
        });
  }

  /** How many items of a given size make a task of about {@link #ELEMENTS}. */
  static int items(long elementsOfAnItem) {
    return (int) Math.max(1, ELEMENTS / Math.max(1, elementsOfAnItem));
  }

  /** Number of tiles that cover n elements. */
  static int count(int n, int tile) {
    return (n - 1) / tile + 1;
  }
}
