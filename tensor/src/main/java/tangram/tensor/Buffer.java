package tangram.tensor;

/**
 * A slice of an arena: (storage, offset, length). Counted by reference, since views share it; the
 * slice goes back to its arena when the last owner releases it.
 */
public final class Buffer {
  private final Arena arena;
  final Arena.Block block;
  private final Object storage;
  private final int offset;
  private final int length;
  private int owners = 1;

  Buffer(Arena arena, Arena.Block block, Object storage, int offset, int length) {
    this.arena = arena;
    this.block = block;
    this.storage = storage;
    this.offset = offset;
    this.length = length;
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

  /** Whether nobody else owns this slice, so that it may be written in place. */
  boolean isExclusive() {
    return owners == 1;
  }

  void retain() {
    if (owners <= 0) {
      throw new IllegalStateException("the buffer was released");
    }
    owners++;
  }

  void release() {
    if (owners <= 0) {
      throw new IllegalStateException("the buffer was released twice");
    }
    if (--owners == 0) {
      arena.free(this);
    }
  }
}
