package tangram.tensor.vector.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Runs numbered tasks on a fixed pool of daemon threads.
 *
 * <p>Tasks are claimed one by one from a counter, so which thread runs a task is not defined;
 * kernels therefore write disjoint results and fix the order of every sum themselves. Split work by
 * fixed tiles, never by the number of threads: then the bits of a result do not depend on it.
 *
 * <p>The number of threads, the caller included, is the system property {@code tangram.threads},
 * else the number of processors. Between jobs a worker spins for a moment before it parks, since a
 * training step starts thousands of jobs back to back.
 */
public final class Parallel {
  /** How long an idle worker, or a caller waiting for the last task, spins before it parks. */
  private static final long SPIN_NANOS = 100_000;

  /** Index part of a state from which nothing can be claimed. */
  private static final long SEALED = 0x7fff_ffffL;

  private static volatile Pool pool = new Pool(defaultThreads());

  private Parallel() {}

  private static int defaultThreads() {
    String text = System.getProperty("tangram.threads");
    if (text == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    int threads;
    try {
      threads = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "tangram.threads must be a positive integer, got \"" + text + "\"", e);
    }
    return checkThreads(threads);
  }

  private static int checkThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("the number of threads must be positive, got " + threads);
    }
    return threads;
  }

  /** Number of threads that run tasks, the caller included. */
  public static int threads() {
    return pool.workers.length + 1;
  }

  /**
   * Changes the number of threads. A job in progress finishes with the threads it started with.
   *
   * @param threads threads that run tasks, the caller included
   * @throws IllegalArgumentException if not positive
   */
  public static synchronized void setThreads(int threads) {
    checkThreads(threads);
    Pool old = pool;
    if (threads == old.workers.length + 1) {
      return;
    }
    pool = new Pool(threads);
    old.stop();
  }

  /**
   * Calls {@code body} once for every index in [0, tasks), on any of the pool's threads and on the
   * calling thread, and returns when all calls have returned. What the calls wrote is then visible
   * to the caller. Called from within a task, or while another thread uses the pool, it runs every
   * index on the calling thread.
   *
   * <p>If calls throw, the others still run; afterwards the exception of the lowest index is thrown
   * and the others are suppressed in it.
   *
   * @param tasks number of tasks; none if zero
   * @param body the work, given the index of its task
   * @throws IllegalArgumentException if the number of tasks is negative
   */
  public static void run(int tasks, IntConsumer body) {
    if (tasks < 0) {
      throw new IllegalArgumentException("negative number of tasks: " + tasks);
    }
    Pool p = pool;
    if (tasks <= 1 || p.workers.length == 0 || !p.acquire()) {
      runInline(tasks, body);
      return;
    }
    try {
      p.execute(tasks, body);
    } finally {
      p.release();
    }
  }

  private static void runInline(int tasks, IntConsumer body) {
    Throwable failure = null;
    for (int i = 0; i < tasks; i++) {
      try {
        body.accept(i);
      } catch (Throwable t) {
        if (failure == null) {
          failure = t;
        } else if (failure != t) {
          failure.addSuppressed(t);
        }
      }
    }
    if (failure != null) {
      throw Parallel.<RuntimeException>unchecked(failure);
    }
  }

  /** A body can only throw unchecked exceptions; this lets them through as they are. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable t) throws T {
    throw (T) t;
  }

  private static final class Pool {
    final Worker[] workers;

    /** Thread that runs a job, or null. A job is started by one thread at a time. */
    private final AtomicReference<Thread> owner = new AtomicReference<>();

    /**
     * Number of the job in the high half, next unclaimed index in the low half. Between jobs the
     * low half is {@link #SEALED}, so that a late worker cannot claim with one job's number and the
     * next one's body.
     */
    private final AtomicLong state = new AtomicLong(SEALED);

    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile IntConsumer body;
    private volatile int tasks;
    private volatile boolean stopped;
    private volatile boolean ownerParked;

    private final Object failureLock = new Object();
    private Throwable failure;
    private int failedTask;

    Pool(int threads) {
      workers = new Worker[threads - 1];
      for (int i = 0; i < workers.length; i++) {
        workers[i] = new Worker(this, i + 1);
        workers[i].start();
      }
    }

    boolean acquire() {
      Thread current = Thread.currentThread();
      if (current instanceof Worker) {
        return false;
      }
      return owner.get() == null && owner.compareAndSet(null, current);
    }

    void release() {
      owner.set(null);
    }

    void execute(int count, IntConsumer work) {
      body = work;
      tasks = count;
      unfinished.set(count);
      long job = ((state.get() >>> 32) + 1) & 0xffff_ffffL;
      state.set(job << 32);
      int wake = Math.min(workers.length, count - 1);
      for (int i = 0; i < wake; i++) {
        if (workers[i].parked) {
          LockSupport.unpark(workers[i]);
        }
      }
      help(job);
      awaitOthers();
      state.set(job << 32 | SEALED);
      body = null;
      Throwable thrown = failure;
      if (thrown != null) {
        failure = null;
        throw Parallel.<RuntimeException>unchecked(thrown);
      }
    }

    /** Claims and runs tasks of one job until none is left. */
    void help(long job) {
      while (true) {
        long s = state.get();
        IntConsumer work = body;
        int count = tasks;
        int index = (int) s;
        if (s >>> 32 != job || index >= count) {
          return;
        }
        // Success proves that the job was still the same when body and tasks were read.
        if (state.compareAndSet(s, s + 1)) {
          try {
            work.accept(index);
          } catch (Throwable t) {
            fail(index, t);
          }
          if (unfinished.decrementAndGet() == 0 && ownerParked) {
            LockSupport.unpark(owner.get());
          }
        }
      }
    }

    private void fail(int index, Throwable t) {
      synchronized (failureLock) {
        if (failure == null) {
          failure = t;
          failedTask = index;
        } else if (failure != t) {
          boolean lower = index < failedTask;
          Throwable first = lower ? t : failure;
          first.addSuppressed(lower ? failure : t);
          failure = first;
          failedTask = Math.min(index, failedTask);
        }
      }
    }

    private void awaitOthers() {
      if (unfinished.get() == 0) {
        return;
      }
      long start = System.nanoTime();
      while (unfinished.get() != 0) {
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          ownerParked = true;
          if (unfinished.get() != 0) {
            LockSupport.park(this);
          }
          ownerParked = false;
        }
      }
    }

    void stop() {
      stopped = true;
      for (Worker worker : workers) {
        LockSupport.unpark(worker);
      }
    }
  }

  private static final class Worker extends Thread {
    private final Pool pool;
    volatile boolean parked;

    Worker(Pool pool, int number) {
      super("tangram-" + number);
      this.pool = pool;
      setDaemon(true);
    }

    @Override
    public void run() {
      long seen = 0;
      while (true) {
        long job = awaitJob(seen);
        if (job == seen) {
          return;
        }
        pool.help(job);
        seen = job;
      }
    }

    /** Waits for a job other than the last one; returns the same number if the pool has stopped. */
    private long awaitJob(long seen) {
      long start = System.nanoTime();
      while (true) {
        long job = pool.state.get() >>> 32;
        if (job != seen || pool.stopped) {
          return job;
        }
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          parked = true;
          // The caller publishes the job, then looks at this flag: one of the two is always seen.
          if (pool.state.get() >>> 32 == seen && !pool.stopped) {
            LockSupport.park(pool);
          }
          parked = false;
        }
      }
    }
  }
}
