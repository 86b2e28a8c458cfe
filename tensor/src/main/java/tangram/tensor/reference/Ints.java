package tangram.tensor.reference;

import java.util.Objects;
import tangram.tensor.Buffer;

/** A buffer of integers, every access checked. */
record Ints(Buffer buffer) {
  int get(int i) {
    return buffer.ints()[at(i)];
  }

  void set(int i, int value) {
    buffer.ints()[at(i)] = value;
  }

  private int at(int i) {
    return buffer.offset() + Objects.checkIndex(i, buffer.length());
  }
}
