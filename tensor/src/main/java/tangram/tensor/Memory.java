package tangram.tensor;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What an {@link Arena} handed out once, and how many {@linkplain Buffer buffers} own it: it goes
 * back when the last of them releases it. Buffers may be made and released by any thread.
 */
final class Memory {
  private static final AtomicIntegerFieldUpdater<Memory> OWNERS =
      AtomicIntegerFieldUpdater.newUpdater(Memory.class, "owners");

  private final Arena arena;
  private final Arena.Block block;
  private volatile int owners = 1;
  private int version;

  Memory(Arena arena, Arena.Block block) {
    this.arena = arena;
    this.block = block;
  }

  Object storage() {
    return block.storage;
  }

  /** First element in the storage. */
  int offset() {
    return block.offset;
  }

  boolean isExclusive() {
    return owners == 1;
  }

  /** Adds an owner. */
  void share() {
    int count = owners;
    while (count > 0 && !OWNERS.compareAndSet(this, count, count + 1)) {
      count = owners;
    }
    if (count <= 0) {
      throw new IllegalStateException("the buffer was released");
    }
  }

  /** Takes an owner away. */
  void release() {
    int left = OWNERS.decrementAndGet(this);
    if (left < 0) {
      throw new IllegalStateException("the buffer was released twice");
    }
    if (left == 0) {
      arena.free(block);
    }
  }

  /** How often it was written to since it was handed out. */
  int version() {
    return version;
  }

  void overwritten() {
    version++;
  }
}
