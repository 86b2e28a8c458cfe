package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * How threads share the vectors along the middle dimension of [outer, length, inner]. A long vector
 * is shared by several threads, its lanes; lane i takes elements i, i + lanes, ... A group has as
 * many slots for vectors as its threads suffice for. Neighbouring threads are the lanes of a vector
 * if its elements are neighbours (inner = 1), and otherwise have neighbouring vectors.
 *
 * <p>The first four ints of such a kernel are: vectors, length, inner, lanes.
 */
final class Lanes {
  /** Threads of a group. */
  static final int THREADS = 256;

  private static final int MANY = 16;
  private static final int SHORT = 8;

  private Lanes() {}

  /** A call whose operands are still to be told. */
  static Launch launch(Kernel kernel, int outer, int length, int inner) {
    int vectors = outer * inner;
    int lanes = length < SHORT ? 1 : MANY;
    int slots = THREADS / lanes;
    return Launch.of(kernel)
        .n(vectors)
        .n(length)
        .n(inner)
        .n(lanes)
        .groups((vectors + slots - 1) / slots, THREADS);
  }

  /** The lane of a thread of a group. */
  static int lane(int thread, int inner, int lanes) {
    int lane = thread / (THREADS / lanes);
    if (inner == 1) {
      lane = thread % lanes;
    }
    return lane;
  }

  /** The slot of a thread of a group. */
  static int slot(int thread, int inner, int lanes) {
    int slot = thread % (THREADS / lanes);
    if (inner == 1) {
      slot = thread / lanes;
    }
    return slot;
  }

  /** Position of a vector's first element; the others follow at a distance of inner. */
  static int position(int vector, int length, int inner) {
    int outer = vector / inner;
    return outer * length * inner + vector - outer * inner;
  }

  /**
   * The sum of a number of every lane of a vector, which all of them get. Takes local memory of its
   * own at every call; see {@link Kernel} for why.
   */
  static float total(KernelContext c, int lane, int slot, int lanes, float value) {
    float[] terms = c.allocateFloatLocalArray(THREADS);
    int slots = THREADS / lanes;
    terms[lane * slots + slot] = value;
    c.localBarrier();
    float total = 0f;
    for (int i = 0; i < lanes; i++) {
      total += terms[i * slots + slot];
    }
    return total;
  }
}
