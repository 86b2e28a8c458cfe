package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds arrays of one length that lie one behind the other, always in the same order. */
final class Parts {
  static final Kernel SUM = new Kernel("sumParts", Parts::sumParts);

  private static final int THREADS = 128;

  private Parts() {}

  /**
   * Element e of result g is the sum of the elements e of arrays g chunk to (g + 1) chunk.
   *
   * <p>p: arrays, results, length of an array, number of arrays, chunk. g is y of the grid.
   */
  static void sumParts(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    int length = p.get(2);
    if (e < length) {
      int begin = c.groupIdy * p.get(4);
      int end = begin + p.get(4);
      if (end > p.get(3)) {
        end = p.get(3);
      }
      float sum = 0f;
      for (int i = begin; i < end; i++) {
        sum += x.get(p.get(0) + i * length + e);
      }
      x.set(p.get(1) + c.groupIdy * length + e, sum);
    }
  }

  /** A call that adds arrays in chunks, each chunk into a result of its own. */
  static Launch sum(int arrays, int results, int length, int count, int chunk) {
    return Launch.of(SUM)
        .n(arrays, results, length, count, chunk)
        .groups(Launch.blocks(length, THREADS), Launch.blocks(count, chunk), 1, THREADS, 1, 1);
  }
}
