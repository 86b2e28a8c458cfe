package tangram.nn;

import java.lang.reflect.Method;

/**
 * Counts the bytes that the current thread allocates on the Java heap. By reflection, because the
 * tests are compiled as part of a module that does not need {@code jdk.management}.
 */
final class Allocations {
  private static final Object BEAN;
  private static final Method ALLOCATED;

  static {
    try {
      BEAN =
          Class.forName("java.lang.management.ManagementFactory")
              .getMethod("getThreadMXBean")
              .invoke(null);
      ALLOCATED =
          Class.forName("com.sun.management.ThreadMXBean")
              .getMethod("getCurrentThreadAllocatedBytes");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Allocations() {}

  /** Bytes allocated since the thread began. */
  static long sinceStart() {
    try {
      return (long) ALLOCATED.invoke(BEAN);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
