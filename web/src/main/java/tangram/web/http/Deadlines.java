package tangram.web.http;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends writes to clients that do not read. A thread that is interrupted while it writes to a socket
 * closes it, which is what is wanted.
 */
final class Deadlines implements AutoCloseable {
  interface Write {
    void run() throws IOException;
  }

  private final long nanos;
  private final Map<Thread, Long> writing = new HashMap<>();
  private final ScheduledExecutorService clock;

  Deadlines(int seconds) {
    nanos = TimeUnit.SECONDS.toNanos(seconds);
    clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "deadlines");
              thread.setDaemon(true);
              return thread;
            });
    clock.scheduleWithFixedDelay(this::interruptLate, 1, 1, TimeUnit.SECONDS);
  }

  private synchronized void interruptLate() {
    long now = System.nanoTime();
    writing.forEach(
        (thread, start) -> {
          if (now - start > nanos) {
            thread.interrupt();
          }
        });
  }

  /** Writes within the time. */
  void within(Write write) throws IOException {
    synchronized (this) {
      writing.put(Thread.currentThread(), System.nanoTime());
    }
    try {
      write.run();
    } finally {
      synchronized (this) {
        writing.remove(Thread.currentThread());
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  /** A thread for every request. */
  static ExecutorService threads() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }
}
