package uk.ac.manchester.tornado.api;

import java.util.IdentityHashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.AccessTracker;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Finds races on arrays: an element that one thread of a task writes and another reads or writes,
 * without a barrier of their group in between. For every element the last write and the last read
 * are remembered, so a race among several readers can be missed. Local memory is not watched; run
 * the kernel in {@linkplain WorkGroup#reversed reversed} order for that.
 */
public final class RaceDetector implements AccessTracker {
  private static long task;
  private static long group;
  private static long now;

  private final Map<TornadoNativeArray, Marks> marks = new IdentityHashMap<>();

  private static final class Marks {
    final long[] writes;
    final long[] reads;

    Marks(int size) {
      writes = new long[size];
      reads = new long[size];
    }
  }

  private RaceDetector() {}

  /** Starts to watch all arrays. */
  public static void enable() {
    TornadoNativeArray.setTracker(new RaceDetector());
  }

  static void task() {
    task = (task + 1) & 0xFFFFF;
  }

  static void group(int number) {
    group = number;
  }

  /** Stamp: task, group, epoch, thread, from the highest bits to the lowest. */
  static void thread(int number, int epoch) {
    now = (task << 44) | (group & 0xFFFFF) << 24 | (epoch & 0xFFFL) << 12 | (number & 0xFFF);
  }

  @Override
  public void read(TornadoNativeArray array, int index) {
    Marks m = marks(array);
    check(m.writes[index], "reads", array, index);
    m.reads[index] = now;
  }

  @Override
  public void write(TornadoNativeArray array, int index) {
    Marks m = marks(array);
    check(m.writes[index], "writes", array, index);
    check(m.reads[index], "writes", array, index);
    m.writes[index] = now;
  }

  private Marks marks(TornadoNativeArray array) {
    Marks m = marks.get(array);
    if (m == null) {
      m = new Marks(array.getSize());
      marks.put(array, m);
    }
    return m;
  }

  private static void check(long before, String what, TornadoNativeArray array, int index) {
    boolean sameThread =
        before == now || (before >>> 24 == now >>> 24 && (before & 0xFFF) == (now & 0xFFF));
    boolean otherTask = before >>> 44 != now >>> 44;
    boolean barrierBetween =
        before >>> 24 == now >>> 24 && (before >>> 12 & 0xFFF) != (now >>> 12 & 0xFFF);
    if (!otherTask && !sameThread && !barrierBetween) {
      throw new IllegalStateException(
          "race: a thread "
              + what
              + " element "
              + index
              + " of "
              + array.getClass().getSimpleName()
              + "["
              + array.getSize()
              + "], which another thread used without a barrier in between");
    }
  }
}
