package tangram.tensor.vector.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.DType;
import tangram.tensor.HostArrays;
import tangram.tensor.View;
import tangram.tensor.Walk;

/** Copies of strided runs, with conversion of types. */
public final class Copies {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  /** Longer runs are left to the library's copy. */
  private static final int LONG = 256;

  private Copies() {}

  /** Copies elements from, ..., from + n - 1 of a view, shifted, into consecutive places. */
  static void gather(
      Walk walk, int index, View view, int shift, int from, int n, DType type, Object to, int at) {
    runs(true, walk, index, view, shift, from, n, type, to, at);
  }

  /** Copies consecutive values into elements from, ..., from + n - 1 of a view, shifted. */
  static void scatter(
      Walk walk, int index, View view, int shift, int from, int n, DType type, Object x, int at) {
    runs(false, walk, index, view, shift, from, n, type, x, at);
  }

  /** Steps along the second to last dimension as long as it goes: places are costly. */
  private static void runs(
      boolean out,
      Walk walk,
      int index,
      View view,
      int shift,
      int from,
      int n,
      DType type,
      Object values,
      int at) {
    Object storage = view.buffer().storage();
    int stride = walk.innerStride(index);
    int inner = walk.inner();
    int rows = walk.rank() > 1 ? walk.dim(walk.rank() - 2) : 1;
    int step = walk.rank() > 1 ? walk.stride(index, walk.rank() - 2) : 0;
    int left = rows - from / inner % rows;
    int start = walk.place(index, from) + shift;
    int count = Math.min(n, inner - from % inner);
    int line = start - from % inner * stride;
    for (int done = 0; ; ) {
      if (out) {
        copy(view.type(), storage, start, stride, type, values, at + done, 1, count);
      } else {
        copy(type, values, at + done, 1, view.type(), storage, start, stride, count);
      }
      done += count;
      if (done == n) {
        return;
      }
      line = --left > 0 ? line + step : walk.place(index, from + done) + shift;
      left = left > 0 ? left : rows;
      start = line;
      count = Math.min(n - done, inner);
    }
  }

  /** Copies n elements. */
  public static void copy(
      DType fromType,
      Object from,
      int fromAt,
      int fromStride,
      DType toType,
      Object to,
      int toAt,
      int toStride,
      int n) {
    if (fromType == toType && fromStride == 1 && toStride == 1) {
      if (fromType == DType.F32 && n < LONG) {
        row((float[]) from, fromAt, (float[]) to, toAt, n);
      } else {
        System.arraycopy(from, fromAt, to, toAt, n);
      }
    } else if (fromStride == 0 && toStride == 1 && toType == DType.F32) {
      fill((float[]) to, toAt, n, (float) HostArrays.real(from, fromAt));
    } else if (fromStride == 0 && toStride == 1 && n > 1) {
      // One conversion, then copies of copies.
      copy(fromType, from, fromAt, 1, toType, to, toAt, 1, 1);
      for (int done = 1; done < n; done *= 2) {
        System.arraycopy(to, toAt, to, toAt + done, Math.min(done, n - done));
      }
    } else if (fromType == DType.F32) {
      fromFloats((float[]) from, fromAt, fromStride, toType, to, toAt, toStride, n);
    } else if (toType == DType.F32) {
      toFloats(fromType, from, fromAt, fromStride, (float[]) to, toAt, toStride, n);
    } else if (fromType == DType.I32 && toType == DType.I32) {
      for (int i = 0; i < n; i++) {
        ((int[]) to)[toAt + i * toStride] = ((int[]) from)[fromAt + i * fromStride];
      }
    } else if (fromType == DType.I32 && toType == DType.I64) {
      for (int i = 0; i < n; i++) {
        ((long[]) to)[toAt + i * toStride] = ((int[]) from)[fromAt + i * fromStride];
      }
    } else if (fromType == DType.I64 && toType == DType.I32) {
      for (int i = 0; i < n; i++) {
        ((int[]) to)[toAt + i * toStride] = (int) ((long[]) from)[fromAt + i * fromStride];
      }
    } else if (fromType == DType.BOOL && toType == DType.I64) {
      for (int i = 0; i < n; i++) {
        ((long[]) to)[toAt + i * toStride] = ((byte[]) from)[fromAt + i * fromStride];
      }
    } else if (fromType == DType.I64 && toType == DType.BOOL) {
      for (int i = 0; i < n; i++) {
        ((byte[]) to)[toAt + i * toStride] =
            (byte) (((long[]) from)[fromAt + i * fromStride] != 0 ? 1 : 0);
      }
    } else if (fromType.isReal() || toType.isReal()) {
      for (int i = 0; i < n; i++) {
        HostArrays.put(to, toAt + i * toStride, HostArrays.real(from, fromAt + i * fromStride));
      }
    } else {
      for (int i = 0; i < n; i++) {
        HostArrays.put(to, toAt + i * toStride, HostArrays.integer(from, fromAt + i * fromStride));
      }
    }
  }

  private static void fromFloats(
      float[] from,
      int fromAt,
      int fromStride,
      DType type,
      Object to,
      int toAt,
      int toStride,
      int n) {
    switch (type) {
      case F32 -> floats(from, fromAt, fromStride, (float[]) to, toAt, toStride, n);
      case F64 -> {
        double[] y = (double[]) to;
        for (int i = 0; i < n; i++) {
          y[toAt + i * toStride] = from[fromAt + i * fromStride];
        }
      }
      case I32 -> {
        int[] y = (int[]) to;
        for (int i = 0; i < n; i++) {
          y[toAt + i * toStride] = (int) (long) from[fromAt + i * fromStride];
        }
      }
      case I64 -> {
        long[] y = (long[]) to;
        for (int i = 0; i < n; i++) {
          y[toAt + i * toStride] = (long) from[fromAt + i * fromStride];
        }
      }
      case BOOL -> {
        byte[] y = (byte[]) to;
        for (int i = 0; i < n; i++) {
          y[toAt + i * toStride] = (byte) (from[fromAt + i * fromStride] != 0 ? 1 : 0);
        }
      }
      case F16 -> {
        short[] y = (short[]) to;
        for (int i = 0; i < n; i++) {
          y[toAt + i * toStride] = Float.floatToFloat16(from[fromAt + i * fromStride]);
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          HostArrays.put(to, toAt + i * toStride, (double) from[fromAt + i * fromStride]);
        }
      }
    }
  }

  private static void toFloats(
      DType type,
      Object from,
      int fromAt,
      int fromStride,
      float[] to,
      int toAt,
      int toStride,
      int n) {
    switch (type) {
      case F64 -> {
        double[] x = (double[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = (float) x[fromAt + i * fromStride];
        }
      }
      case I32 -> {
        int[] x = (int[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = x[fromAt + i * fromStride];
        }
      }
      case I64 -> {
        long[] x = (long[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = x[fromAt + i * fromStride];
        }
      }
      case F16 -> {
        short[] x = (short[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = Float.float16ToFloat(x[fromAt + i * fromStride]);
        }
      }
      case BF16 -> {
        char[] x = (char[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = Float.intBitsToFloat(x[fromAt + i * fromStride] << 16);
        }
      }
      case BOOL -> {
        byte[] x = (byte[]) from;
        for (int i = 0; i < n; i++) {
          to[toAt + i * toStride] = x[fromAt + i * fromStride];
        }
      }
      default -> floats((float[]) from, fromAt, fromStride, to, toAt, toStride, n);
    }
  }

  /** A short run: the library's copy costs more. */
  static void row(float[] from, int fromAt, float[] to, int toAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += S.length()) {
      FloatVector.fromArray(S, from, fromAt + i).intoArray(to, toAt + i);
    }
    for (; i < n; i++) {
      to[toAt + i] = from[fromAt + i];
    }
  }

  private static void floats(
      float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int n) {
    for (int i = 0; i < n; i++) {
      to[toAt + i * toStride] = from[fromAt + i * fromStride];
    }
  }

  /** Sets n elements to a number. */
  static void fill(float[] to, int at, int n, float value) {
    FloatVector v = FloatVector.broadcast(S, value);
    int i = 0;
    for (; i < S.loopBound(n); i += S.length()) {
      v.intoArray(to, at + i);
    }
    for (; i < n; i++) {
      to[at + i] = value;
    }
  }

  /** Sets an element from a real number: truncated for integers, compared with 0 for booleans. */
  static void put(View view, int at, double value) {
    HostArrays.put(view.buffer().storage(), at, value);
  }

  /** Sets an element from an integer. */
  static void put(View view, int at, long value) {
    HostArrays.put(view.buffer().storage(), at, value);
  }
}
