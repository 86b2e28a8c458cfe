package tangram.tornado;

import tangram.tensor.Buffer;
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
   * <p>p: arrays, results, length of an array, number of arrays, chunk, whether results are added
   * to what is there. g is y of the grid.
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
      int to = p.get(1) + c.groupIdy * length + e;
      float before = 0f;
      if (p.get(5) == 1) {
        before = x.get(to);
      }
      x.set(to, before + sum);
    }
  }

  /** A call that adds arrays in chunks, each chunk into a result of its own. */
  static Launch sum(int arrays, int results, int length, int count, int chunk) {
    return Launch.of(SUM)
        .n(arrays, results, length, count, chunk)
        .groups(Launch.blocks(length, THREADS), Launch.blocks(count, chunk), 1, THREADS, 1, 1);
  }

  /** Where kernels leave parts of a result: at the result itself where there is one part. */
  static int place(Launcher launcher, Tiling tiling, Buffer result, int length) {
    return tiling.parts() == 1 ? Launch.offset(result) : launcher.scratch(tiling.parts() * length);
  }

  /** Adds the parts, where there are several. */
  static void add(
      Launcher launcher, Tiling tiling, int place, Buffer result, int length, boolean accumulate) {
    int parts = tiling.parts();
    if (parts > 1) {
      launcher.launch(sum(place, Launch.offset(result), length, parts, parts).flag(accumulate));
    }
  }
}
