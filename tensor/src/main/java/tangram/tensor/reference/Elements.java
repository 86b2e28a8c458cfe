package tangram.tensor.reference;

import tangram.tensor.DType;
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
    return view.type().isReal()
        ? ((double[]) view.buffer().storage())[place]
        : integer(view, place);
  }

  /** An element as an integer, truncated. */
  static long integer(View view, int place) {
    Object storage = view.buffer().storage();
    return switch (view.type()) {
      case F32, F64 -> (long) ((double[]) storage)[place];
      case I32 -> ((int[]) storage)[place];
      case I64 -> ((long[]) storage)[place];
      case BOOL -> ((byte[]) storage)[place];
    };
  }

  /** Sets an element from a real number: truncated for integers, compared with 0 for booleans. */
  static void put(View view, int place, double value) {
    if (view.type().isReal()) {
      ((double[]) view.buffer().storage())[place] = value;
    } else {
      put(view, place, view.type() == DType.BOOL ? (value != 0 ? 1 : 0) : (long) value);
    }
  }

  /** Sets an element from an integer. */
  static void put(View view, int place, long value) {
    Object storage = view.buffer().storage();
    switch (view.type()) {
      case F32, F64 -> ((double[]) storage)[place] = value;
      case I32 -> ((int[]) storage)[place] = (int) value;
      case I64 -> ((long[]) storage)[place] = value;
      case BOOL -> ((byte[]) storage)[place] = (byte) (value != 0 ? 1 : 0);
    }
  }
}
