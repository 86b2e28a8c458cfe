package tangram.tensor.vector.index;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.DType;
import tangram.tensor.HostArrays;
import tangram.tensor.View;
import tangram.tensor.vector.elementwise.Copies;

/** Moves elements between views of one type. */
final class Moves {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private Moves() {}

  /** {@code y[to + i ys] = x[from + i xs]}, or {@code +=}. */
  static void run(View x, int from, int xs, View y, int to, int ys, int n, boolean add) {
    Object source = x.buffer().storage();
    Object target = y.buffer().storage();
    if (!add) {
      Copies.copy(x.type(), source, from, xs, y.type(), target, to, ys, n);
    } else if (x.type() == DType.F32 && xs == 1 && ys == 1) {
      add((float[]) source, from, (float[]) target, to, n);
    } else {
      for (int i = 0; i < n; i++) {
        one(x.type(), source, from + i * xs, target, to + i * ys, true);
      }
    }
  }

  /** {@code y[to + places[r] + i ys] = x[from + r step + i xs]} for some rows, or {@code +=}. */
  static void rows(
      View x,
      int from,
      int step,
      int xs,
      View y,
      int to,
      int[] places,
      int rows,
      int ys,
      int n,
      boolean add) {
    if (add && x.type() == DType.F32 && xs == 1 && ys == 1) {
      float[] xf = x.buffer().floats();
      float[] yf = y.buffer().floats();
      for (int r = 0; r < rows; r++) {
        add(xf, from + r * step, yf, to + places[r], n);
      }
    } else {
      for (int r = 0; r < rows; r++) {
        run(x, from + r * step, xs, y, to + places[r], ys, n, add);
      }
    }
  }

  private static void add(float[] x, int from, float[] y, int to, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, y, to + i)
          .add(FloatVector.fromArray(S, x, from + i))
          .intoArray(y, to + i);
    }
    for (; i < n; i++) {
      y[to + i] += x[from + i];
    }
  }

  /** {@code y[to + i ys] = x[from + places[i]]}. */
  static void gather(View x, int from, int[] places, View y, int to, int ys, int n) {
    Object source = x.buffer().storage();
    Object target = y.buffer().storage();
    if (x.type() == DType.F32 && ys == 1) {
      gather((float[]) source, from, places, (float[]) target, to, n);
    } else {
      for (int i = 0; i < n; i++) {
        one(x.type(), source, from + places[i], target, to + i * ys, false);
      }
    }
  }

  private static void gather(float[] x, int from, int[] places, float[] y, int to, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, x, from, places, i).intoArray(y, to + i);
    }
    for (; i < n; i++) {
      y[to + i] = x[from + places[i]];
    }
  }

  /** {@code y[to + places[i]] = x[from + i xs]}, or {@code +=}, in order of i. */
  static void scatter(View x, int from, int xs, View y, int to, int[] places, int n, boolean add) {
    Object source = x.buffer().storage();
    Object target = y.buffer().storage();
    if (x.type() == DType.F32 && add && xs == 1) {
      add((float[]) source, from, (float[]) target, to, places, n);
    } else {
      for (int i = 0; i < n; i++) {
        one(x.type(), source, from + i * xs, target, to + places[i], add);
      }
    }
  }

  private static void add(float[] x, int from, float[] y, int to, int[] places, int n) {
    for (int i = 0; i < n; i++) {
      y[to + places[i]] += x[from + i];
    }
  }

  private static void one(DType type, Object x, int from, Object y, int to, boolean add) {
    if (!add) {
      // A sum with 0 would lose the sign of -0.
      switch (type) {
        case F32 -> ((float[]) y)[to] = ((float[]) x)[from];
        case I32 -> ((int[]) y)[to] = ((int[]) x)[from];
        case I64 -> ((long[]) y)[to] = ((long[]) x)[from];
        default -> System.arraycopy(x, from, y, to, 1);
      }
    } else if (type.isReal()) {
      HostArrays.put(y, to, HostArrays.real(x, from) + HostArrays.real(y, to));
    } else {
      HostArrays.put(y, to, HostArrays.integer(x, from) + HostArrays.integer(y, to));
    }
  }
}
