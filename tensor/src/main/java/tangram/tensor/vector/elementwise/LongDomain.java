package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Reducer;

/** 64-bit integers, for all types of integers and booleans. */
final class LongDomain extends Domain {
  @Override
  DType type() {
    return DType.I64;
  }

  @Override
  Object newTiles(int length) {
    return new long[length];
  }

  @Override
  void fill(Object tile, int at, int n, double value) {
    Arrays.fill((long[]) tile, at, at + n, (long) value);
  }

  @Override
  void unary(UnaryOp op, Object a, int ao, Object y, int yo, int n) {
    long[] x = (long[]) a;
    long[] to = (long[]) y;
    for (int i = 0; i < n; i++) {
      to[yo + i] = op.apply(x[ao + i]);
    }
  }

  @Override
  void binary(BinaryOp op, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    long[] x = (long[]) a;
    long[] z = (long[]) b;
    long[] to = (long[]) y;
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
      default -> {
        for (int i = 0; i < n; i++) {
          to[yo + i] = op.apply(x[ao + i], z[bo + i]);
        }
      }
    }
  }

  @Override
  void where(Object c, int co, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    long[] condition = (long[]) c;
    long[] yes = (long[]) a;
    long[] no = (long[]) b;
    long[] to = (long[]) y;
    for (int i = 0; i < n; i++) {
      to[yo + i] = condition[co + i] != 0 ? yes[ao + i] : no[bo + i];
    }
  }

  @Override
  void fold(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    long[] p = (long[]) partials;
    long[] x = (long[]) tile;
    long value = p[at];
    for (int i = 0; i < n; i++) {
      value = reducer.combine(value, x[from + i]);
    }
    p[at] = value;
  }

  @Override
  void foldEach(Reducer reducer, Object partials, int at, Object tile, int from, int n) {
    long[] p = (long[]) partials;
    long[] x = (long[]) tile;
    for (int k = 0; k < n; k++) {
      p[at + k] = reducer.combine(p[at + k], x[from + k]);
    }
  }

  @Override
  Object newPartials(int length) {
    return new long[length];
  }

  @Override
  void clear(Reducer reducer, Object partials, int at, int n) {
    Arrays.fill((long[]) partials, at, at + n, reducer.integerIdentity());
  }

  @Override
  void combine(Reducer reducer, Object partials, int into, int from) {
    long[] p = (long[]) partials;
    p[into] = reducer.combine(p[into], p[from]);
  }

  @Override
  void store(Object partials, int at, View y, int place) {
    Copies.put(y, place, ((long[]) partials)[at]);
  }
}
