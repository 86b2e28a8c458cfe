package uk.ac.manchester.tornado.api;

/** The place of a thread of a kernel among the others, their local memory and barriers. */
public class KernelContext {
  // Boxed, as in TornadoVM, since kernels that were compiled against one run with the other.
  /** Number of this thread in the first dimension. */
  public final Integer globalIdx;

  /** Number of this thread in the second dimension. */
  public final Integer globalIdy;

  /** Number of this thread in the third dimension. */
  public final Integer globalIdz;

  /** Number of this group in the first dimension. */
  public final Integer groupIdx;

  /** Number of this group in the second dimension. */
  public final Integer groupIdy;

  /** Number of this group in the third dimension. */
  public final Integer groupIdz;

  /** Number of this thread within its group in the first dimension. */
  public final Integer localIdx;

  /** Number of this thread within its group in the second dimension. */
  public final Integer localIdy;

  /** Number of this thread within its group in the third dimension. */
  public final Integer localIdz;

  /** Threads in the first dimension. */
  public final Integer globalGroupSizeX;

  /** Threads in the second dimension. */
  public final Integer globalGroupSizeY;

  /** Threads in the third dimension. */
  public final Integer globalGroupSizeZ;

  /** Threads of a group in the first dimension. */
  public final Integer localGroupSizeX;

  /** Threads of a group in the second dimension. */
  public final Integer localGroupSizeY;

  /** Threads of a group in the third dimension. */
  public final Integer localGroupSizeZ;

  private final WorkGroup group;
  private final int thread;
  private int allocations;

  /** Creates the context that represents all threads when a task is described. */
  public KernelContext() {
    this(null, 0, new long[] {1, 1, 1}, new long[] {1, 1, 1}, new int[3]);
  }

  /**
   * The context of one thread.
   *
   * @param thread its number within the group
   */
  KernelContext(WorkGroup group, int thread, long[] global, long[] local, int[] groupId) {
    this.group = group;
    this.thread = thread;
    int x = (int) (thread % local[0]);
    int y = (int) (thread / local[0] % local[1]);
    int z = (int) (thread / local[0] / local[1]);
    localIdx = x;
    localIdy = y;
    localIdz = z;
    groupIdx = groupId[0];
    groupIdy = groupId[1];
    groupIdz = groupId[2];
    globalIdx = (int) (groupId[0] * local[0]) + x;
    globalIdy = (int) (groupId[1] * local[1]) + y;
    globalIdz = (int) (groupId[2] * local[2]) + z;
    globalGroupSizeX = (int) global[0];
    globalGroupSizeY = (int) global[1];
    globalGroupSizeZ = (int) global[2];
    localGroupSizeX = (int) local[0];
    localGroupSizeY = (int) local[1];
    localGroupSizeZ = (int) local[2];
  }

  /** Waits until every thread of the group is here. */
  public void localBarrier() {
    group.barrier(thread);
  }

  /** Memory that the threads of the group share. */
  public float[] allocateFloatLocalArray(int size) {
    return (float[]) group.local(allocations++, () -> filled(size));
  }

  /** Memory that the threads of the group share. */
  public int[] allocateIntLocalArray(int size) {
    return (int[]) group.local(allocations++, () -> new int[size]);
  }

  /** Local memory begins with garbage. */
  private static float[] filled(int size) {
    float[] array = new float[size];
    java.util.Arrays.fill(array, Float.NaN);
    return array;
  }
}
