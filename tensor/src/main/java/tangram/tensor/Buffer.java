package tangram.tensor;

/**
 * A slice of an arena: (storage, offset, length). Views share its memory, which goes back to the
 * arena when the last owner releases it.
 */
public final class Buffer {
  private final Memory memory;
  private final int offset;
  private final int length;

  Buffer(Memory memory, int length) {
    this(memory, memory.offset(), length);
  }

  private Buffer(Memory memory, int offset, int length) {
    this.memory = memory;
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
    return memory.storage();
  }

  /** The storage of real numbers of a single-precision CPU device. */
  public float[] floats() {
    Object storage = memory.storage();
    if (storage instanceof float[]) {
      return (float[]) storage;
    }
    throw wrongStorage("real numbers in single precision");
  }

  /** The storage of real numbers of a double-precision CPU device. */
  public double[] doubles() {
    Object storage = memory.storage();
    if (storage instanceof double[]) {
      return (double[]) storage;
    }
    throw wrongStorage("real numbers in double precision");
  }

  /** The storage of integers of a CPU device. */
  public int[] ints() {
    Object storage = memory.storage();
    if (storage instanceof int[]) {
      return (int[]) storage;
    }
    throw wrongStorage("integers");
  }

  private IllegalArgumentException wrongStorage(String wanted) {
    Object storage = memory.storage();
    String held = "memory of another device";
    if (storage instanceof int[]) {
      held = "integers";
    } else if (storage instanceof float[]) {
      held = "real numbers in single precision";
    } else if (storage instanceof double[]) {
      held = "real numbers in double precision";
    }
    return new IllegalArgumentException("a kernel needs " + wanted + " but was given " + held);
  }

  /** Whether nobody else owns this memory, so that it may be written in place. */
  boolean isExclusive() {
    return memory.isExclusive();
  }

  /** A view of some of these elements, owned by the caller. */
  Buffer slice(int from, int count) {
    memory.share();
    return new Buffer(memory, offset + from, count);
  }

  void release() {
    memory.release();
  }

  /** The memory that it is a slice of. */
  Memory memory() {
    return memory;
  }
}
