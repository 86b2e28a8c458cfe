package tangram.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** Elements of 4 bytes that the header of a chunk's array has the place of. */
  private static final int HEADER = 4;

  /**
   * Chunks are multiples of this many elements, header included, so that they fill regions of the
   * heap: 8 MiB of floats.
   */
  private static final int CHUNK_GRAIN = 1 << 21;

  /** Chunks double up to this size, so that what the last one has too much stays small. */
  private static final int LARGEST_CHUNK = 1 << 23;

  /** Elements of a free block that is worth to be handed over. */
  private static final int SMALLEST_GIFT = 1 << 14;

  private final IntFunction<Object> allocator;
  private final int elementBytes;
  private final TensorMemory account;

  /** Free blocks by size, chunk and offset: an array, since a tree would make garbage of nodes. */
  private Block[] free = new Block[64];

  private int freeCount;
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

    boolean isBefore(int otherSize, int otherChunk, int otherOffset) {
      if (size != otherSize) {
        return size < otherSize;
      }
      return chunk != otherChunk ? chunk < otherChunk : offset < otherOffset;
    }
  }

  Arena(IntFunction<Object> allocator) {
    this(allocator, 0, null);
  }

  /**
   * Creates an arena.
   *
   * @param account is told of everything that is handed out and given back; may be null
   */
  Arena(IntFunction<Object> allocator, int elementBytes, TensorMemory account) {
    this.allocator = allocator;
    this.elementBytes = elementBytes;
    this.account = account;
  }

  /** As {@link #allocate}, or null where the arena would have to grow. */
  synchronized Buffer allocateWithoutGrowth(int length) {
    return position(rounded(length), -1, -1) < freeCount ? allocate(length) : null;
  }

  private static int rounded(int length) {
    return Math.max(GRAIN, (length + GRAIN - 1) / GRAIN * GRAIN);
  }

  synchronized Buffer allocate(int length) {
    int size = rounded(length);
    int position = position(size, -1, -1);
    Block block = position < freeCount ? free[position] : grow(size);
    removeFree(block);
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
      addFree(rest);
    }
    used += size;
    peak = Math.max(peak, used);
    if (account != null) {
      account.allocated(block, elementBytes);
    }
    return new Buffer(new Memory(this, block), length);
  }

  synchronized void free(Block released) {
    Block block = released;
    used -= block.size;
    if (account != null) {
      account.freed(block, elementBytes);
    }
    Block next = block.next;
    if (next != null && next.isFree) {
      removeFree(next);
      absorb(block, next);
    }
    Block previous = block.previous;
    if (previous != null && previous.isFree) {
      removeFree(previous);
      absorb(previous, block);
      block = previous;
    }
    block.isFree = true;
    addFree(block);
  }

  /** How many free blocks come before one of this size, chunk and offset. */
  private int position(int size, int chunk, int offset) {
    int low = 0;
    int high = freeCount;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (free[middle].isBefore(size, chunk, offset)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void addFree(Block block) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    int position = position(block.size, block.chunk, block.offset);
    System.arraycopy(free, position, free, position + 1, freeCount - position);
    free[position] = block;
    freeCount++;
  }

  private void removeFree(Block block) {
    int position = position(block.size, block.chunk, block.offset);
    freeCount--;
    System.arraycopy(free, position + 1, free, position, freeCount - position);
    free[freeCount] = null;
  }

  /** Hands what is free, but for small pieces, over to another arena. */
  void giveFree(Arena other) {
    for (Block block : takeLargeFree()) {
      other.take(block);
    }
  }

  private synchronized List<Block> takeLargeFree() {
    // The blocks come in the order of their sizes.
    int first = position(SMALLEST_GIFT, -1, -1);
    List<Block> taken = new ArrayList<>();
    while (freeCount > first) {
      Block block = free[freeCount - 1];
      removeFree(block);
      reserved -= block.size;
      // What lies beside it stays apart.
      if (block.previous != null) {
        block.previous.next = null;
      }
      if (block.next != null) {
        block.next.previous = null;
      }
      taken.add(block);
    }
    return taken;
  }

  private synchronized void take(Block given) {
    Block block = new Block(given.storage, chunks++, given.offset, given.size);
    block.isFree = true;
    addFree(block);
    reserved += block.size;
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
    long wanted = Math.max(size + GRAIN, Math.min(reserved, LARGEST_CHUNK));
    long chunk = (wanted + CHUNK_GRAIN - 1) / CHUNK_GRAIN * CHUNK_GRAIN;
    int length = (int) Math.min(chunk, Integer.MAX_VALUE / GRAIN * GRAIN) - GRAIN;
    Object storage = allocator.apply(length + GRAIN - HEADER);
    Block block = new Block(storage, chunks++, FIRST, length);
    block.isFree = true;
    addFree(block);
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
