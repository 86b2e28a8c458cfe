package tangram.tensor.vector.index;

import java.util.stream.IntStream;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.elementwise.Copies;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Indexing}: runs that share an index move as a whole. */
public final class VectorIndexing implements Indexing {
  private static final int TILE = Places.TILE;

  /** Columns of a task that adds rows: tasks share out columns, since rows may collide. */
  private static final int COLUMNS = 64;

  @Override
  public void gather(View x, View index, int axis, View y) {
    Walk walk = new Walk(y, line(x, axis, y.dims()), index);
    boolean rows = walk.size() > 0 && walk.rank() > 1 && walk.inner() <= VectorTiles.ELEMENTS;
    if (rows && walk.innerStride(2) == 0) {
      gatherRows(x, index, axis, y, walk);
      return;
    }
    VectorTiles.run(
        walk.size(),
        VectorTiles.ELEMENTS,
        (from, to) -> {
          Places places = new Places(index, x, axis);
          int xs = walk.innerStride(1);
          int ys = walk.innerStride(0);
          boolean same = walk.innerStride(2) == 0;
          int n;
          for (int first = from; first < to; first += n) {
            n = run(walk, first, to);
            places.of(walk.place(2, first), walk.innerStride(2), same ? 1 : n, same ? 0 : xs);
            int source = walk.place(1, first);
            int target = walk.place(0, first);
            if (same) {
              Moves.run(x, source + places.at[0], xs, y, target, ys, n, false);
            } else {
              Moves.gather(x, source, places.at, y, target, ys, n);
            }
          }
        });
  }

  /** Whole rows, each of which has one index. */
  private static void gatherRows(View x, View index, int axis, View y, Walk walk) {
    int length = walk.inner();
    int d = walk.rank() - 2;
    int[] steps = {walk.stride(0, d), walk.innerStride(1), walk.innerStride(0)};
    VectorTiles.run(
        walk.size() / length,
        VectorTiles.items(length),
        (from, to) -> {
          Places places = new Places(index, x, axis);
          int count;
          for (int row = from; row < to; row += count) {
            count = Math.min(Math.min(TILE, to - row), walk.dim(d) - row % walk.dim(d));
            int first = row * length;
            places.of(walk.place(2, first), walk.stride(2, d), count, walk.stride(1, d));
            int source = walk.place(1, first);
            int target = walk.place(0, first);
            for (int r = 0; r < count; r++) {
              int at = source + places.at[r];
              Moves.run(x, at, steps[1], y, target + r * steps[0], steps[2], length, false);
            }
          }
        });
  }

  /** How many elements from one on have one index into all dimensions but the last. */
  private static int run(Walk walk, int first, int end) {
    return Math.min(TILE, Math.min(end - first, walk.inner() - first % walk.inner()));
  }

  /** A view of other sizes whose elements lie where index 0 along an axis is. */
  private static View line(View view, int axis, int[] dims) {
    int[] strides = view.strides().clone();
    strides[axis] = 0;
    return new View(view.type(), view.buffer(), view.offset(), dims, strides);
  }

  @Override
  public void scatter(View x, View index, int axis, View y, boolean add) {
    Walk lines = new Walk(others(y, axis), x, line(y, axis, x.dims()), index);
    int length = x.dims()[axis];
    int xs = x.strides()[axis];
    int is = index.strides()[axis];
    if (length == 0) {
      return;
    }
    boolean columns = lines.innerStride(2) == 0 || Math.abs(lines.innerStride(0)) < Math.abs(xs);
    boolean same = columns && lines.innerStride(2) == 0;
    int items = VectorTiles.items(length);
    VectorTiles.run(
        lines.size(),
        columns ? Math.max(COLUMNS, items / 16 * 16) : items,
        (from, to) -> {
          Places places = new Places(index, y, axis);
          int n;
          for (int first = from; first < to; first += n) {
            n = columns ? run(lines, first, to) : 1;
            int source = lines.place(0, first);
            int target = lines.place(1, first);
            int at = lines.place(2, first);
            int together = columns && !same ? 1 : TILE;
            for (int i = 0; i < length; i += together) {
              int count = Math.min(together, length - i);
              int begin = source + i * xs;
              if (same) {
                places.of(at + i * is, is, count, 0);
                Moves.rows(
                    x,
                    begin,
                    xs,
                    lines.innerStride(0),
                    y,
                    target,
                    places.at,
                    count,
                    lines.innerStride(1),
                    n,
                    add);
              } else if (columns) {
                places.of(at + i * is, lines.innerStride(2), n, lines.innerStride(1));
                Moves.scatter(x, begin, lines.innerStride(0), y, target, places.at, n, add);
              } else {
                places.of(at + i * is, is, count, 0);
                Moves.scatter(x, begin, xs, y, target, places.at, count, add);
              }
            }
          }
        });
  }

  /** The dimensions but one, in the order in which a view lies in memory. */
  static int[] others(View view, int axis) {
    return IntStream.of(Walk.memoryOrder(view.strides())).filter(d -> d != axis).toArray();
  }

  @Override
  public void scan(Reducer reducer, View x, int axis, View y) {
    VectorScan.run(reducer, x, axis, y);
  }

  @Override
  public void sort(View x, int axis, boolean descending, View places) {
    VectorSort.run(x, axis, descending, places);
  }

  @Override
  public void random(long seed, long offset, long bound, View y) {
    Walk walk = new Walk(IntStream.range(0, y.dims().length).toArray(), y);
    DType type = y.type().isReal() ? DType.F64 : DType.I64;
    VectorTiles.run(
        walk.size(),
        VectorTiles.ELEMENTS / 4,
        (from, to) -> {
          long[] integers = new long[TILE];
          double[] reals = new double[TILE];
          int[] block = new int[4];
          int n;
          for (int first = from; first < to; first += n) {
            n = run(walk, first, to);
            for (int i = 0; i < n; ) {
              long number = offset + first + i;
              CounterRandom.block(seed, number >>> 2, block);
              for (int k = (int) number & 3; k < 4 && i < n; k++) {
                integers[i++] = (block[k] & 0xFFFFFFFFL) * bound >>> 32;
              }
            }
            for (int i = 0; type == DType.F64 && i < n; i++) {
              reals[i] = integers[i];
            }
            Object values = type == DType.F64 ? reals : integers;
            Object storage = y.buffer().storage();
            Copies.copy(
                type,
                values,
                0,
                1,
                y.type(),
                storage,
                walk.place(0, first),
                walk.innerStride(0),
                n);
          }
        });
  }
}
