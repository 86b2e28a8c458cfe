package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.Shape;

/**
 * A buffer of real numbers seen as a row-major array of up to three dimensions. Every access is
 * checked, so a kernel of the specification cannot read or write a neighbour unnoticed.
 */
final class Reals {
  private final double[] storage;
  private final int offset;
  private final int length;
  private final int d1;
  private final int d2;

  private Reals(Buffer buffer, int d1, int d2) {
    this.storage = buffer.doubles();
    this.offset = buffer.offset();
    this.length = buffer.length();
    this.d1 = d1;
    this.d2 = d2;
  }

  /** All elements as one row. */
  static Reals of(Buffer buffer) {
    return new Reals(buffer, 0, 0);
  }

  /**
   * The elements under the given shape.
   *
   * @throws IllegalArgumentException if the buffer has another number of elements
   */
  static Reals of(Buffer buffer, int... dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != buffer.length()) {
      throw new IllegalArgumentException(
          "a buffer of " + buffer.length() + " elements where " + shape + " is expected");
    }
    return new Reals(buffer, dims.length > 1 ? dims[1] : 0, dims.length > 2 ? dims[2] : 0);
  }

  double get(int i) {
    return storage[at(i)];
  }

  double get(int i, int j) {
    return storage[at(i, j)];
  }

  double get(int i, int j, int k) {
    return storage[at(i, j, k)];
  }

  void set(int i, double value) {
    storage[at(i)] = value;
  }

  void set(int i, int j, int k, double value) {
    storage[at(i, j, k)] = value;
  }

  void add(int i, double value) {
    storage[at(i)] += value;
  }

  void add(int i, int j, double value) {
    storage[at(i, j)] += value;
  }

  void add(int i, int j, int k, double value) {
    storage[at(i, j, k)] += value;
  }

  void fill(double value) {
    for (int i = 0; i < length; i++) {
      storage[offset + i] = value;
    }
  }

  private int at(int i, int j, int k) {
    return at((i * d1 + in(j, d1)) * d2 + in(k, d2));
  }

  private int at(int i, int j) {
    return at(i * d1 + in(j, d1));
  }

  private int at(int i) {
    return offset + in(i, length);
  }

  private static int in(int index, int dim) {
    if (index < 0 || index >= dim) {
      throw new IndexOutOfBoundsException("index " + index + " in a dimension of " + dim);
    }
    return index;
  }
}
