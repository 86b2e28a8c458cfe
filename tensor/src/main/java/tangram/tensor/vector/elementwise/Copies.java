package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.View;

/** Copies of strided runs, with conversion of types. */
final class Copies {
  private Copies() {}

  /** Copies n elements. */
  static void copy(
      DType fromType,
      Object from,
      int fromAt,
      int fromStride,
      DType toType,
      Object to,
      int toAt,
      int toStride,
      int n) {
    if (fromType == toType && fromStride == 1 && toStride == 1 && n >= 8) {
      System.arraycopy(from, fromAt, to, toAt, n);
    } else if (fromType == DType.F32 && toType == DType.F32) {
      floats((float[]) from, fromAt, fromStride, (float[]) to, toAt, toStride, n);
    } else if (fromStride == 0 && toStride == 1 && n > 1) {
      // One conversion, then copies of copies.
      copy(fromType, from, fromAt, 1, toType, to, toAt, 1, 1);
      for (int done = 1; done < n; done *= 2) {
        System.arraycopy(to, toAt, to, toAt + done, Math.min(done, n - done));
      }
    } else if (fromType == DType.I32 && toType == DType.F32) {
      int[] x = (int[]) from;
      float[] y = (float[]) to;
      for (int i = 0; i < n; i++) {
        y[toAt + i * toStride] = x[fromAt + i * fromStride];
      }
    } else if (fromType == DType.I32 && toType == DType.I32) {
      int[] x = (int[]) from;
      int[] y = (int[]) to;
      for (int i = 0; i < n; i++) {
        y[toAt + i * toStride] = x[fromAt + i * fromStride];
      }
    } else if (fromType.isReal() || toType.isReal()) {
      for (int i = 0; i < n; i++) {
        put(toType, to, toAt + i * toStride, real(fromType, from, fromAt + i * fromStride));
      }
    } else {
      for (int i = 0; i < n; i++) {
        put(toType, to, toAt + i * toStride, integer(fromType, from, fromAt + i * fromStride));
      }
    }
  }

  private static void floats(
      float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(to, toAt, toAt + n, from[fromAt]);
    } else {
      for (int i = 0; i < n; i++) {
        to[toAt + i * toStride] = from[fromAt + i * fromStride];
      }
    }
  }

  private static double real(DType type, Object storage, int at) {
    return switch (type) {
      case F32 -> ((float[]) storage)[at];
      case F64 -> ((double[]) storage)[at];
      default -> integer(type, storage, at);
    };
  }

  private static long integer(DType type, Object storage, int at) {
    return switch (type) {
      case F32 -> (long) ((float[]) storage)[at];
      case F64 -> (long) ((double[]) storage)[at];
      case I32 -> ((int[]) storage)[at];
      case I64 -> ((long[]) storage)[at];
      case BOOL -> ((byte[]) storage)[at];
    };
  }

  /** Sets an element from a real number: truncated for integers, compared with 0 for booleans. */
  static void put(View view, int at, double value) {
    put(view.type(), view.buffer().storage(), at, value);
  }

  /** Sets an element from an integer. */
  static void put(View view, int at, long value) {
    put(view.type(), view.buffer().storage(), at, value);
  }

  private static void put(DType type, Object storage, int at, double value) {
    switch (type) {
      case F32 -> ((float[]) storage)[at] = (float) value;
      case F64 -> ((double[]) storage)[at] = value;
      case BOOL -> ((byte[]) storage)[at] = (byte) (value != 0 ? 1 : 0);
      default -> put(type, storage, at, (long) value);
    }
  }

  private static void put(DType type, Object storage, int at, long value) {
    switch (type) {
      case F32 -> ((float[]) storage)[at] = value;
      case F64 -> ((double[]) storage)[at] = value;
      case I32 -> ((int[]) storage)[at] = (int) value;
      case I64 -> ((long[]) storage)[at] = value;
      case BOOL -> ((byte[]) storage)[at] = (byte) (value != 0 ? 1 : 0);
    }
  }
}
