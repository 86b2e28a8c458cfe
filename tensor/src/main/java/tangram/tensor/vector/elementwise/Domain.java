package tangram.tensor.vector.elementwise;

import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Reducer;

/**
 * What a formula is computed in: single precision, double precision or 64-bit integers. Tiles are
 * arrays of that type. Folds end in <em>partials</em>: double precision for both real types, 64-bit
 * integers for integers.
 */
abstract class Domain {
  private static final Domain FLOATS = new FloatDomain();
  private static final Domain DOUBLES = new DoubleDomain();
  private static final Domain LONGS = new LongDomain();

  /** The domain of a {@linkplain View#computeType type that is computed in}. */
  static Domain of(DType type) {
    return switch (type) {
      case F32 -> FLOATS;
      case F64 -> DOUBLES;
      default -> LONGS;
    };
  }

  /** The type whose storage is like tiles. */
  abstract DType type();

  /** An array for tiles. */
  abstract Object newTiles(int length);

  /** Sets n elements to a number. */
  abstract void fill(Object tile, int at, int n, double value);

  /** {@code y[i] = op(a[i])}. */
  abstract void unary(UnaryOp op, Object a, int ao, Object y, int yo, int n);

  /** {@code y[i] = op(a[i], b[i])}. */
  abstract void binary(BinaryOp op, Object a, int ao, Object b, int bo, Object y, int yo, int n);

  /** {@code y[i] = c[i] != 0 ? a[i] : b[i]}. */
  abstract void where(
      Object c, int co, Object a, int ao, Object b, int bo, Object y, int yo, int n);

  /** An array of partials. */
  abstract Object newPartials(int length);

  /** Sets n partials to the result for no values. */
  abstract void clear(Reducer reducer, Object partials, int at, int n);

  /** Takes n elements into one partial. */
  abstract void fold(Reducer reducer, Object partials, int at, Object tile, int from, int n);

  /** Takes element k of n into the k-th partial. */
  abstract void foldEach(Reducer reducer, Object partials, int at, Object tile, int from, int n);

  /** Takes one partial into another. */
  abstract void combine(Reducer reducer, Object partials, int into, int from);

  /** Stores a partial as an element of a view. */
  abstract void store(Object partials, int at, View y, int place);

  /** {@code acc[k] = reducer(acc[k], tile[k])} for n elements. */
  final void accumulate(Reducer reducer, Object acc, int ao, Object tile, int at, int n) {
    BinaryOp op =
        switch (reducer) {
          case SUM -> BinaryOp.ADD;
          case PRODUCT -> BinaryOp.MUL;
          case MAX -> BinaryOp.MAX;
          case MIN -> BinaryOp.MIN;
        };
    binary(op, acc, ao, tile, at, acc, ao, n);
  }
}
