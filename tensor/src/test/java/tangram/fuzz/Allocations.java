package tangram.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that are allocated on the Java heap. */
public final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /** Bytes that this thread has allocated since it began. */
  public static long ofThisThread() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /** Bytes that all threads have allocated since the JVM began, ended ones included. */
  public static long ofAllThreads() {
    return THREADS.getTotalThreadAllocatedBytes();
  }
}
