package tangram.tensor.vector.elementwise;

import tangram.tensor.DType;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Reducer;

/** Single precision, by vectors. */
final class FloatDomain extends RealDomain {
  @Override
  DType type() {
    return DType.F32;
  }

  @Override
  Object newTiles(int length) {
    return new float[length];
  }

  @Override
  void fill(Object tile, int at, int n, double value) {
    Copies.fill((float[]) tile, at, n, (float) value);
  }

  @Override
  void unary(UnaryOp op, Object a, int ao, Object y, int yo, int n) {
    OperatorLoops.unary(op, (float[]) a, ao, (float[]) y, yo, n);
  }

  @Override
  void binary(BinaryOp op, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    OperatorLoops.binary(op, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo, n);
  }

  @Override
  void where(Object c, int co, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    OperatorLoops.where((float[]) c, co, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo, n);
  }

  @Override
  void fold(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    double[] p = (double[]) partials;
    p[at] = TileFold.fold(reducer, p[at], (float[]) tile, from, n);
  }

  @Override
  void foldEach(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    double[] p = (double[]) partials;
    float[] x = (float[]) tile;
    if (reducer == Reducer.SUM) {
      for (int k = 0; k < n; k++) {
        p[at + k] += x[from + k];
      }
    } else {
      for (int k = 0; k < n; k++) {
        p[at + k] = reducer.combine(p[at + k], x[from + k]);
      }
    }
  }

  @Override
  void repeat(Object tiles, int at, int n, int from) {
    float[] x = (float[]) tiles;
    Copies.fill(x, at, n, x[from]);
  }

  @Override
  void values(double[] partials, int from, Object tile, int at, int n) {
    float[] x = (float[]) tile;
    for (int i = 0; i < n; i++) {
      x[at + i] = (float) partials[from + i];
    }
  }
}
