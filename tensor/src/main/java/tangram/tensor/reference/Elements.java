package tangram.tensor.reference;

import tangram.tensor.HostArrays;
import tangram.tensor.View;

/** Elements of views of any type, one at a time. */
final class Elements {
  private Elements() {}

  /** Where an element lies in the storage. */
  static int place(View view, int[] at) {
    int place = view.offset();
    for (int d = 0; d < at.length; d++) {
      place += at[d] * view.strides()[d];
    }
    return place;
  }

  /** Steps to the next element in row-major order. */
  static void next(int[] at, int[] dims) {
    for (int d = at.length - 1; d >= 0; d--) {
      if (++at[d] < dims[d]) {
        return;
      }
      at[d] = 0;
    }
  }

  /** An element as a real number. */
  static double real(View view, int place) {
    return HostArrays.real(view.buffer().storage(), place);
  }

  /** An element as an integer, truncated. */
  static long integer(View view, int place) {
    return HostArrays.integer(view.buffer().storage(), place);
  }

  /** Sets an element from a real number: truncated for integers, compared with 0 for booleans. */
  static void put(View view, int place, double value) {
    HostArrays.put(view.buffer().storage(), place, value);
  }

  /** Sets an element from an integer. */
  static void put(View view, int place, long value) {
    HostArrays.put(view.buffer().storage(), place, value);
  }
}
