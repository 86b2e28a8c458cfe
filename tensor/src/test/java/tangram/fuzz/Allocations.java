package tangram.fuzz;

import java.lang.reflect.Method;

/**
 * Counts the bytes that are allocated on the Java heap. By reflection, because tests are compiled
 * as part of modules that do not need {@code jdk.management}.
 */
public final class Allocations {
  private static final Object BEAN;
  private static final Method OF_THIS_THREAD;
  private static final Method OF_ALL_THREADS;

  static {
    try {
      BEAN =
          Class.forName("java.lang.management.ManagementFactory")
              .getMethod("getThreadMXBean")
              .invoke(null);
      Class<?> type = Class.forName("com.sun.management.ThreadMXBean");
      OF_THIS_THREAD = type.getMethod("getCurrentThreadAllocatedBytes");
      OF_ALL_THREADS = type.getMethod("getTotalThreadAllocatedBytes");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Allocations() {}

  /** Bytes that this thread has allocated since it began. */
  public static long ofThisThread() {
    return ask(OF_THIS_THREAD);
  }

  /** Bytes that all threads have allocated since the JVM began, ended ones included. */
  public static long ofAllThreads() {
    return ask(OF_ALL_THREADS);
  }

  private static long ask(Method question) {
    try {
      return (long) question.invoke(BEAN);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
