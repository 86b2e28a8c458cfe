package tangram.tensor.vector.runtime;

/**
 * Splits work by fixed sizes, so that neither the pieces nor the order within them depend on the
 * number of threads.
 */
public final class VectorTiles {
  /**
   * Elements of a memory-bound task: some microseconds of work, enough to hide the cost of claiming
   * it. Anything smaller runs on the calling thread.
   */
  public static final int ELEMENTS = 1 << 14;

  /**
   * Elements that are summed in single precision, spread over the lanes, before the sum continues
   * in double precision.
   */
  public static final int SUM = 1 << 12;

  private VectorTiles() {}

  /** Work on the indices from, ..., to - 1. */
  public interface Range {
    void run(int from, int to);
  }

  /** Runs the body on consecutive ranges of the given length that cover 0, ..., n - 1. */
  public static void run(int n, int tile, Range body) {
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
  public static int items(long elementsOfAnItem) {
    return (int) Math.max(1, ELEMENTS / Math.max(1, elementsOfAnItem));
  }

  /** Number of tiles that cover n elements. */
  public static int count(int n, int tile) {
    return (n - 1) / tile + 1;
  }

  /** Work on the columns from, ..., to - 1 of one [k, inner] matrix. */
  public interface Columns {
    void run(int matrix, int from, int to);
  }

  /** Splits [outer, k, inner] into tasks of whole columns of about equal size. */
  public static void planes(int outer, int k, int inner, Columns body) {
    // Whole cache lines, so that two tasks never write the same one.
    planes(outer, k, inner, Math.max(64, ELEMENTS / k / 16 * 16), body);
  }

  /** As {@link #planes(int, int, int, Columns)}, with the largest number of columns given. */
  public static void planes(int outer, int k, int inner, int width, Columns body) {
    if (inner > width) {
      int tiles = count(inner, width);
      Parallel.run(
          outer * tiles,
          t -> {
            int o = t / tiles;
            int from = (t - o * tiles) * width;
            body.run(o, from, Math.min(inner, from + width));
          });
    } else {
      run(
          outer,
          items((long) k * inner),
          (from, to) -> {
            for (int o = from; o < to; o++) {
              body.run(o, 0, inner);
            }
          });
    }
  }
}
