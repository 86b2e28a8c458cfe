package tangram.tensor.reference;

import tangram.tensor.Buffer;

/**
 * A buffer of integers seen as a row-major array of one or two dimensions, every access checked.
 */
final class Ints {
  private final int[] storage;
  private final int offset;
  private final int length;
  private final int cols;

  private Ints(Buffer buffer, int cols) {
    this.storage = buffer.ints();
    this.offset = buffer.offset();
    this.length = buffer.length();
    this.cols = cols;
  }

  /** All elements as one row. */
  static Ints of(Buffer buffer) {
    return new Ints(buffer, buffer.length());
  }

  /**
   * The elements as rows.
   *
   * @throws IllegalArgumentException if the buffer has another number of elements
   */
  static Ints of(Buffer buffer, int rows, int cols) {
    if (buffer.length() != rows * cols) {
      throw new IllegalArgumentException(
          "a buffer of " + buffer.length() + " integers where " + rows + "x" + cols + " expected");
    }
    return new Ints(buffer, cols);
  }

  int length() {
    return length;
  }

  int get(int i) {
    return storage[at(i)];
  }

  int get(int i, int j) {
    return storage[at(i * cols + in(j))];
  }

  void set(int i, int value) {
    storage[at(i)] = value;
  }

  void set(int i, int j, int value) {
    storage[at(i * cols + in(j))] = value;
  }

  private int at(int index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException("element " + index + " of " + length);
    }
    return offset + index;
  }

  private int in(int j) {
    if (j < 0 || j >= cols) {
      throw new IndexOutOfBoundsException("index " + j + " in a dimension of " + cols);
    }
    return j;
  }
}
