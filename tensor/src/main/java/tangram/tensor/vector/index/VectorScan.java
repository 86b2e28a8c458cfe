package tangram.tensor.vector.index;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.elementwise.Copies;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Scans: line by line, or, where neighbouring lines lie side by side, a tile of lines at a time.
 * The running result is in double precision, or 64-bit integers.
 */
final class VectorScan {
  private static final int TILE = 1024;
  private static final int COLUMNS = 256;

  private VectorScan() {}

  static void run(Reducer reducer, View x, int axis, View y) {
    Walk lines = new Walk(VectorIndexing.others(y, axis), x, y);
    int length = x.dims()[axis];
    int xs = x.strides()[axis];
    int ys = y.strides()[axis];
    if (length == 0) {
      return;
    }
    boolean floats = x.type() == DType.F32 && y.type() == DType.F32;
    boolean columns =
        floats && lines.innerStride(0) == 1 && lines.innerStride(1) == 1 && lines.inner() > 8;
    boolean product = reducer == Reducer.PRODUCT;
    int items = VectorTiles.items(length);
    VectorTiles.run(
        lines.size(),
        columns ? Math.max(COLUMNS, items / 16 * 16) : items,
        (from, to) -> {
          double[] reals = new double[columns ? COLUMNS : TILE];
          long[] integers = new long[x.type().isReal() ? 0 : TILE];
          int n = 1;
          for (int line = from; line < to; line += n) {
            int xo = lines.place(0, line);
            int yo = lines.place(1, line);
            if (columns) {
              n = Math.min(COLUMNS, Math.min(to - line, lines.inner() - line % lines.inner()));
              columns(product, floats(x), xo, xs, floats(y), yo, ys, length, n, reals);
            } else if (floats) {
              line(product, floats(x), xo, xs, floats(y), yo, ys, length);
            } else if (x.type().isReal()) {
              reals(reducer, x, xo, xs, y, yo, ys, length, reals);
            } else {
              integers(reducer, x, xo, xs, y, yo, ys, length, integers);
            }
          }
        });
  }

  private static float[] floats(View view) {
    return (float[]) view.buffer().storage();
  }

  private static void line(
      boolean product, float[] x, int xo, int xs, float[] y, int yo, int ys, int length) {
    double value = product ? 1 : 0;
    for (int i = 0; i < length; i++) {
      value = product ? value * x[xo + i * xs] : value + x[xo + i * xs];
      y[yo + i * ys] = (float) value;
    }
  }

  private static void columns(
      boolean product,
      float[] x,
      int xo,
      int xs,
      float[] y,
      int yo,
      int ys,
      int length,
      int n,
      double[] value) {
    Arrays.fill(value, 0, n, product ? 1 : 0);
    for (int i = 0; i < length; i++) {
      int from = xo + i * xs;
      int to = yo + i * ys;
      if (product) {
        for (int j = 0; j < n; j++) {
          value[j] *= x[from + j];
        }
      } else {
        for (int j = 0; j < n; j++) {
          value[j] += x[from + j];
        }
      }
      for (int j = 0; j < n; j++) {
        y[to + j] = (float) value[j];
      }
    }
  }

  private static void reals(
      Reducer reducer, View x, int xo, int xs, View y, int yo, int ys, int length, double[] tile) {
    double value = reducer.identity();
    for (int done = 0; done < length; done += TILE) {
      int n = Math.min(TILE, length - done);
      Copies.copy(x.type(), x.buffer().storage(), xo + done * xs, xs, DType.F64, tile, 0, 1, n);
      for (int i = 0; i < n; i++) {
        value = reducer.combine(value, tile[i]);
        tile[i] = value;
      }
      Copies.copy(DType.F64, tile, 0, 1, y.type(), y.buffer().storage(), yo + done * ys, ys, n);
    }
  }

  private static void integers(
      Reducer reducer, View x, int xo, int xs, View y, int yo, int ys, int length, long[] tile) {
    long value = reducer.integerIdentity();
    for (int done = 0; done < length; done += TILE) {
      int n = Math.min(TILE, length - done);
      Copies.copy(x.type(), x.buffer().storage(), xo + done * xs, xs, DType.I64, tile, 0, 1, n);
      for (int i = 0; i < n; i++) {
        value = reducer.combine(value, tile[i]);
        tile[i] = value;
      }
      Copies.copy(DType.I64, tile, 0, 1, y.type(), y.buffer().storage(), yo + done * ys, ys, n);
    }
  }
}
