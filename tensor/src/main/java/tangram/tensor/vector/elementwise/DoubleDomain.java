package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Reducer;

/** Double precision. */
final class DoubleDomain extends RealDomain {
  @Override
  DType type() {
    return DType.F64;
  }

  @Override
  Object newTiles(int length) {
    return new double[length];
  }

  @Override
  void fill(Object tile, int at, int n, double value) {
    Arrays.fill((double[]) tile, at, at + n, value);
  }

  @Override
  void unary(UnaryOp op, Object a, int ao, Object y, int yo, int n) {
    double[] x = (double[]) a;
    double[] to = (double[]) y;
    for (int i = 0; i < n; i++) {
      to[yo + i] = op.apply(x[ao + i]);
    }
  }

  @Override
  void binary(BinaryOp op, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    double[] x = (double[]) a;
    double[] z = (double[]) b;
    double[] to = (double[]) y;
    switch (op) {
      case ADD -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = x[ao + i] + z[bo + i];
        }
      }
      case SUB -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = x[ao + i] - z[bo + i];
        }
      }
      case MUL -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = x[ao + i] * z[bo + i];
        }
      }
      case DIV -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = x[ao + i] / z[bo + i];
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = op.apply(x[ao + i], z[bo + i]);
        }
      }
    }
  }

  @Override
  void where(Object c, int co, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    double[] condition = (double[]) c;
    double[] yes = (double[]) a;
    double[] no = (double[]) b;
    double[] to = (double[]) y;
    for (int i = 0; i < n; i++) {
      to[yo + i] = condition[co + i] != 0 ? yes[ao + i] : no[bo + i];
    }
  }

  @Override
  void fold(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    double[] p = (double[]) partials;
    double[] x = (double[]) tile;
    double value = p[at];
    for (int i = 0; i < n; i++) {
      value = reducer.combine(value, x[from + i]);
    }
    p[at] = value;
  }

  @Override
  void foldEach(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    double[] p = (double[]) partials;
    double[] x = (double[]) tile;
    for (int k = 0; k < n; k++) {
      p[at + k] = reducer.combine(p[at + k], x[from + k]);
    }
  }

  @Override
  void repeat(Object tiles, int at, int n, int from) {
    double[] x = (double[]) tiles;
    Arrays.fill(x, at, at + n, x[from]);
  }

  @Override
  void values(double[] partials, int from, Object tile, int at, int n) {
    System.arraycopy(partials, from, tile, at, n);
  }
}
