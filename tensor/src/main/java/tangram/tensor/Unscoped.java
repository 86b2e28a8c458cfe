package tangram.tensor;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Tensors that belong to no scope. Their memory is returned by {@link Tensor#close}, or when the
 * garbage collector finds that nobody refers to them any more. The collector does not see how much
 * memory such a tensor holds, so before an arena grows it is called where that has become a lot.
 */
final class Unscoped {
  /** Below this nobody calls the garbage collector. */
  private static final long LEAST_BYTES = 32L << 20;

  private static final long WAIT_NANOS = 1_000_000_000;

  private static final long PAUSE_NANOS = 1_000_000;

  /** Pauses without a tensor returned after which the cleaner has nothing more to do. */
  private static final int QUIET_PAUSES = 5;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicLong BYTES = new AtomicLong();

  /** The fewest bytes since the last collection: what it left, however late it was worked off. */
  private static final AtomicLong FEWEST = new AtomicLong();

  private Unscoped() {}

  /** A buffer that is watched. */
  static final class Watch {
    private final Cleaner.Cleanable cleanable;
    private final AtomicLong counted;

    private Watch(Cleaner.Cleanable cleanable, AtomicLong counted) {
      this.cleanable = cleanable;
      this.counted = counted;
    }

    /** Releases the buffer, once, whoever comes first. */
    void clean() {
      cleanable.clean();
    }

    /** From now on the buffer is no reason to call the garbage collector: it is meant to stay. */
    void discount() {
      BYTES.addAndGet(-counted.getAndSet(0));
    }
  }

  /** Watches a buffer, which is released when nobody refers to it. */
  static Watch watch(Buffer buffer, int elementBytes) {
    Memory memory = buffer.memory();
    // A view holds nothing of its own.
    long bytes = memory.isExclusive() ? (long) buffer.length() * elementBytes : 0;
    BYTES.addAndGet(bytes);
    AtomicLong counted = new AtomicLong(bytes);
    // The action must not refer to the buffer, which would keep it alive.
    return new Watch(
        CLEANER.register(
            buffer,
            () -> {
              FEWEST.accumulateAndGet(BYTES.addAndGet(-counted.getAndSet(0)), Math::min);
              memory.release();
            }),
        counted);
  }

  /**
   * Calls the garbage collector if much is held by tensors outside scopes, more than twice what it
   * left the last time.
   *
   * @return whether it returned something
   */
  static synchronized boolean collect() {
    long before = BYTES.get();
    if (before < LEAST_BYTES + 2 * FEWEST.get()) {
      return false;
    }
    FEWEST.set(before);
    AtomicBoolean begun = new AtomicBoolean();
    CLEANER.register(new Object(), () -> begun.set(true));
    System.gc();
    long end = System.nanoTime() + WAIT_NANOS;
    long last = before;
    for (int quiet = 0; quiet < QUIET_PAUSES && System.nanoTime() < end; ) {
      LockSupport.parkNanos(PAUSE_NANOS);
      long now = BYTES.get();
      quiet = begun.get() && now == last ? quiet + 1 : 0;
      last = now;
    }
    return last < before;
  }
}
