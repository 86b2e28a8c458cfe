package tangram.tornado;

import tangram.tensor.Buffer;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds arrays of one length that lie one behind the other, always in the same order. */
final class Parts {
  static final Kernel SUM = new Kernel("sumParts", Parts::sumParts);

  private Parts() {}

  /**
   * Element e of the result is the sum of the elements e of all arrays.
   *
   * <p>p: arrays, result, length of an array, number of arrays, whether results are added to what
   * is there, which element is the first that goes elsewhere, and where to.
   */
  static void sumParts(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    int length = p.get(2);
    if (e < length) {
      float sum = 0f;
      for (int i = 0; i < p.get(3); i++) {
        sum += x.get(p.get(0) + i * length + e);
      }
      int to = p.get(1) + e;
      if (e >= p.get(5)) {
        to = p.get(6) + e - p.get(5);
      }
      float before = 0f;
      if (p.get(4) == 1) {
        before = x.get(to);
      }
      x.set(to, before + sum);
    }
  }

  /** Where kernels leave parts of a result: at the result itself where there is one part. */
  static int place(Launcher launcher, Tiling tiling, Buffer result, int length) {
    return tiling.parts() == 1 ? Launch.offset(result) : launcher.scratch(tiling.parts() * length);
  }

  /** Adds the parts, where there are several. */
  static void add(
      Launcher launcher, Tiling tiling, int place, Buffer result, int length, boolean accumulate) {
    add(launcher, tiling, place, result, length, null, length, accumulate);
  }

  /**
   * Adds the parts, where there are several, of two results.
   *
   * @param first elements of the result, which in each part come first
   * @param rest where the others go
   * @param length elements of a part
   */
  static void add(
      Launcher launcher,
      Tiling tiling,
      int place,
      Buffer result,
      int first,
      Buffer rest,
      int length,
      boolean accumulate) {
    if (tiling.parts() > 1) {
      launcher.launch(
          Launch.of(SUM)
              .n(place, Launch.offset(result), length, tiling.parts())
              .flag(accumulate)
              .n(first)
              .at(rest)
              .threads(length));
    }
  }
}
