package tangram.tensor;

/**
 * A slice of an arena: (storage, offset, length). Views share their root's memory and are counted
 * by it; the memory goes back to its arena when the last owner releases it.
 */
public final class Buffer {
  private final Arena arena;
  final Arena.Block block;
  private final Object storage;
  private final int offset;
  private final int length;
  private final Buffer root;
  private int owners = 1;

  Buffer(Arena arena, Arena.Block block, int length) {
    this.arena = arena;
    this.block = block;
    this.storage = block.storage;
    this.offset = block.offset;
    this.length = length;
    this.root = this;
  }

  private Buffer(Buffer root, int offset, int length) {
    this.arena = root.arena;
    this.block = root.block;
    this.storage = root.storage;
    this.offset = offset;
    this.length = length;
    this.root = root;
  }

  /** First element of this slice in its storage. */
  public int offset() {
    return offset;
  }

  /** Number of elements. */
  public int length() {
    return length;
  }

  /** The storage, as the device made it. */
  public Object storage() {
    return storage;
  }

  /** The storage of real numbers of a single-precision CPU device. */
  public float[] floats() {
    return (float[]) storage;
  }

  /** The storage of real numbers of a double-precision CPU device. */
  public double[] doubles() {
    return (double[]) storage;
  }

  /** The storage of integers of a CPU device. */
  public int[] ints() {
    return (int[]) storage;
  }

  /** Whether nobody else owns this memory, so that it may be written in place. */
  boolean isExclusive() {
    return root.owners == 1;
  }

  /** A view of some of these elements, owned by the caller. */
  Buffer slice(int from, int count) {
    if (root.owners <= 0) {
      throw new IllegalStateException("the buffer was released");
    }
    root.owners++;
    return new Buffer(root, offset + from, count);
  }

  void release() {
    if (root.owners <= 0) {
      throw new IllegalStateException("the buffer was released twice");
    }
    if (--root.owners == 0) {
      arena.free(root);
    }
  }
}
