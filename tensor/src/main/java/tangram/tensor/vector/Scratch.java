package tangram.tensor.vector;

import java.util.Arrays;

/**
 * Working memory of the kernels: a few numbered arrays for each thread, kept and reused.
 *
 * <p>An array grows to the largest size asked for and is never given back, so a training step
 * allocates nothing once every shape has been seen. The contents are whatever was left there. Two
 * kernels that are active on the same thread at the same time must use different slots; the slots
 * below say who uses which.
 */
final class Scratch {
  /** Packed left operand, shared by the tasks of one product; owned by the calling thread. */
  static final int PACKED_A = 0;

  /** Packed right operand of one task. */
  static final int PACKED_B = 1;

  /** Partial results of one task that are not stored where they belong at once. */
  static final int TILE = 2;

  /** Padded input rows of one task. */
  static final int BAND = 3;

  /** Partial sums over parts of the reduction; owned by the calling thread. */
  static final int PARTIAL = 4;

  /** Transformed input; owned by the calling thread or one task. */
  static final int TRANSFORM_IN = 5;

  /** Transformed output; owned by the calling thread or one task. */
  static final int TRANSFORM_OUT = 6;

  /** A few rows or channels at a time. */
  static final int SMALL = 7;

  /** One register tile, and lists of its runs. */
  static final int SMALL_TILE = 8;

  /** Transformed output of a whole batch; owned by the calling thread. */
  static final int STAGED_OUT = 9;

  private static final int SLOTS = 10;

  /**
   * Under G1 the elements of an array that fills a region of its own begin 16 bytes after a 64-byte
   * boundary, so this offset is aligned for every vector width.
   */
  static final int ALIGNED = 12;

  private static final ThreadLocal<Scratch> LOCAL = ThreadLocal.withInitial(Scratch::new);

  private final float[][] floats = new float[SLOTS][];
  private final int[][] ints = new int[SLOTS][];

  private Scratch() {}

  /** Returns the calling thread's array for a slot, with at least {@code size} elements. */
  static float[] floats(int slot, long size) {
    float[][] all = LOCAL.get().floats;
    if (all[slot] == null || all[slot].length < size) {
      all[slot] = new float[roundUp(size)];
    }
    return all[slot];
  }

  /** As {@link #floats}, for integers. */
  static int[] ints(int slot, long size) {
    int[][] all = LOCAL.get().ints;
    if (all[slot] == null || all[slot].length < size) {
      all[slot] = new int[roundUp(size)];
    }
    return all[slot];
  }

  /** Gives the calling thread's arrays back, for tests that measure. */
  static void release() {
    Arrays.fill(LOCAL.get().floats, null);
    Arrays.fill(LOCAL.get().ints, null);
  }

  /** Rounds up by at most an eighth, so that slowly growing sizes do not allocate each time. */
  private static int roundUp(long size) {
    long step = Math.max(1024, Long.highestOneBit(size) >>> 3);
    long rounded = (size + step - 1) / step * step;
    if (rounded > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "a kernel needs a work array of " + size + " floats, more than a Java array holds");
    }
    return (int) rounded;
  }
}
