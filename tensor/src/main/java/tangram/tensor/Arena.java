package tangram.tensor;

import java.util.Comparator;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * Hands out slices of a few large arrays and takes them back. Best fit with coalescing, so that a
 * training step's buffers reuse the same memory every step and nothing is allocated on the Java
 * heap beyond bookkeeping. The same sequence of requests always gives the same slices.
 */
final class Arena {
  /** Slices are multiples of 16 elements: one cache line of floats, one 512-bit vector. */
  private static final int GRAIN = 16;

  /**
   * A large array's elements begin 16 bytes into a region of the heap, so slices that start at 12
   * modulo 16 elements of 4 bytes fall on cache lines; a vector load across a line costs two.
   */
  private static final int FIRST = 12;

  private static final int FIRST_CHUNK = 1 << 20;
  private static final int LARGEST_CHUNK = 1 << 26;

  private final IntFunction<Object> allocator;
  private final TreeSet<Block> free =
      new TreeSet<>(
          Comparator.<Block>comparingInt(b -> b.size)
              .thenComparingInt(b -> b.chunk)
              .thenComparingInt(b -> b.offset));
  private int chunks;
  private long reserved;
  private long used;
  private long peak;

  /** A run of elements of one chunk, in a list of its neighbours. */
  static final class Block {
    final Object storage;
    final int chunk;
    int offset;
    int size;
    boolean isFree;
    Block previous;
    Block next;

    Block(Object storage, int chunk, int offset, int size) {
      this.storage = storage;
      this.chunk = chunk;
      this.offset = offset;
      this.size = size;
    }
  }

  Arena(IntFunction<Object> allocator) {
    this.allocator = allocator;
  }

  synchronized Buffer allocate(int length) {
    int size = Math.max(GRAIN, (length + GRAIN - 1) / GRAIN * GRAIN);
    Block block = free.ceiling(new Block(null, -1, -1, size));
    if (block == null) {
      block = grow(size);
    }
    free.remove(block);
    block.isFree = false;
    if (block.size > size) {
      Block rest = new Block(block.storage, block.chunk, block.offset + size, block.size - size);
      rest.isFree = true;
      rest.next = block.next;
      rest.previous = block;
      if (rest.next != null) {
        rest.next.previous = rest;
      }
      block.next = rest;
      block.size = size;
      free.add(rest);
    }
    used += size;
    peak = Math.max(peak, used);
    return new Buffer(this, block, length);
  }

  synchronized void free(Buffer buffer) {
    Block block = buffer.block;
    used -= block.size;
    Block next = block.next;
    if (next != null && next.isFree) {
      free.remove(next);
      absorb(block, next);
    }
    Block previous = block.previous;
    if (previous != null && previous.isFree) {
      free.remove(previous);
      absorb(previous, block);
      block = previous;
    }
    block.isFree = true;
    free.add(block);
  }

  /** Elements in use. */
  synchronized long used() {
    return used;
  }

  /** Largest number of elements that were in use at once. */
  synchronized long peak() {
    return peak;
  }

  /** Elements reserved from the Java heap. */
  synchronized long reserved() {
    return reserved;
  }

  private Block grow(int size) {
    long wanted = Math.max(FIRST_CHUNK, Math.min(reserved, LARGEST_CHUNK));
    int length = (int) Math.max(wanted, size);
    Object storage = allocator.apply(length + FIRST + GRAIN);
    Block block = new Block(storage, chunks++, FIRST, length);
    block.isFree = true;
    free.add(block);
    reserved += length;
    return block;
  }

  private static void absorb(Block left, Block right) {
    left.size += right.size;
    left.next = right.next;
    if (left.next != null) {
      left.next.previous = left;
    }
  }
}
