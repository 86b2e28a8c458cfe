package tangram.tensor.vector.runtime;

import java.util.Arrays;

/**
 * Working memory of the kernels: a few numbered arrays for each thread, kept and reused.
 *
 * <p>An array grows to the largest size asked for and is never given back, so a training step
 * allocates nothing once every shape has been seen. The contents are whatever was left there. Two
 * kernels that are active on the same thread at the same time must use different slots; the slots
 * below say who uses which.
 */
public final class Scratch {
  /** Packed left operand, shared by the tasks of one product; owned by the calling thread. */
  public static final int PACKED_A = 0;

  /** Packed right operand of one task. */
  static final int PACKED_B = 1;

  /** Partial results of one task that are not stored where they belong at once. */
  public static final int TILE = 2;

  /** Partial sums over parts of the reduction; owned by the calling thread. */
  public static final int PARTIAL = 3;

  /** A few rows or channels at a time. */
  public static final int SMALL = 4;

  /** See {@link #task}. */
  private static final int TASK = 5;

  /** See {@link #shared}. */
  private static final int SHARED = 6;

  /** Partial sums of the product of a row, which other kernels may ask for within theirs. */
  public static final int ROW = 7;

  private static final int SLOTS = 8;

  /** Elements of the smallest arena: enough for G1 to give it regions of its own, see ALIGNED. */
  private static final int ARENA = 1 << 20;

  /**
   * Under G1 the elements of an array that fills a region of its own begin 16 bytes after a 64-byte
   * boundary, so this offset is aligned for every vector width.
   */
  public static final int ALIGNED = 12;

  private static final ThreadLocal<Scratch> LOCAL = ThreadLocal.withInitial(Scratch::new);

  private final float[][] floats = new float[SLOTS][];
  private final int[][] ints = new int[SLOTS][];

  private Scratch() {}

  /** Returns the calling thread's array for a slot, with at least {@code size} elements. */
  public static float[] floats(int slot, long size) {
    float[][] all = LOCAL.get().floats;
    if (all[slot] == null || all[slot].length < size) {
      all[slot] = new float[roundUp(size)];
    }
    return all[slot];
  }

  /**
   * Returns the arena of the task that runs on this thread. A kernel asks once for all that its
   * tasks need and divides it; parts that begin a multiple of 16 after {@link #ALIGNED} are aligned
   * under G1. An unaligned vector costs two accesses to the cache.
   */
  public static float[] task(long size) {
    return floats(TASK, Math.max(ARENA, size + ALIGNED));
  }

  /** As {@link #task}, for what the tasks of one kernel share; owned by the calling thread. */
  public static float[] shared(long size) {
    return floats(SHARED, Math.max(ARENA, size + ALIGNED));
  }

  /** As {@link #floats}, for integers. */
  public static int[] ints(int slot, long size) {
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
