package tangram.tensor.vector.index;

import java.util.stream.IntStream;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.elementwise.Copies;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Indexing}: runs that share an index move as a whole. */
public final class VectorIndexing implements Indexing {
  /** Elements that are moved at a time. */
  private static final int TILE = 1024;

  /** Columns of a task that adds rows: tasks share out columns, since rows may collide. */
  private static final int COLUMNS = 64;

  @Override
  public void gather(View x, View index, int axis, View y) {
    Walk walk = new Walk(y, line(x, axis, y.dims()), index);
    VectorTiles.run(
        walk.size(),
        VectorTiles.ELEMENTS,
        (from, to) -> {
          int n;
          for (int first = from; first < to; first += n) {
            n = run(walk, first, to);
            int[] places = places(index, walk.place(2, first), walk.innerStride(2), n, x, axis);
            int source = walk.place(1, first);
            int target = walk.place(0, first);
            if (walk.innerStride(2) == 0) {
              Moves.run(
                  x,
                  source + places[0],
                  walk.innerStride(1),
                  y,
                  target,
                  walk.innerStride(0),
                  n,
                  false);
            } else {
              Moves.gather(
                  x, source, walk.innerStride(1), places, y, target, walk.innerStride(0), n);
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

  /** How far the elements of a view lie from index 0, for n indices; only one if they repeat it. */
  private static int[] places(View index, int at, int stride, int n, View view, int axis) {
    int[] places = Scratch.ints(Scratch.SMALL, TILE);
    int count = stride == 0 ? 1 : n;
    int length = view.dims()[axis];
    int step = view.strides()[axis];
    Object storage = index.buffer().storage();
    for (int i = 0; i < count; i++) {
      long place =
          storage instanceof int[]
              ? ((int[]) storage)[at + i * stride]
              : ((long[]) storage)[at + i * stride];
      if (place < 0 || place >= length) {
        throw new IndexOutOfBoundsException("index " + place + " in a dimension of " + length);
      }
      places[i] = (int) place * step;
    }
    return places;
  }

  @Override
  public void scatter(View x, View index, int axis, View y, boolean add) {
    Walk lines = new Walk(others(y, axis), x, line(y, axis, x.dims()), index);
    int length = x.dims()[axis];
    int[] step = {x.strides()[axis], 0, index.strides()[axis]};
    if (length == 0) {
      return;
    }
    boolean columns =
        lines.innerStride(2) == 0 || Math.abs(lines.innerStride(0)) < Math.abs(step[0]);
    int items = VectorTiles.items(length);
    VectorTiles.run(
        lines.size(),
        columns ? Math.max(COLUMNS, items / 16 * 16) : items,
        (from, to) -> {
          int n;
          for (int first = from; first < to; first += n) {
            n = columns ? run(lines, first, to) : 1;
            int count = columns ? length : (length - 1) / TILE + 1;
            for (int i = 0; i < count; i++) {
              int along = columns ? i : i * TILE;
              int moved = columns ? n : Math.min(TILE, length - along);
              int source = lines.place(0, first) + along * step[0];
              int target = lines.place(1, first);
              int stride = columns ? lines.innerStride(2) : step[2];
              int at = lines.place(2, first) + along * step[2];
              int[] places = places(index, at, stride, moved, y, axis);
              int xs = columns ? lines.innerStride(0) : step[0];
              int ys = columns ? lines.innerStride(1) : 0;
              if (columns && stride == 0) {
                Moves.run(x, source, xs, y, target + places[0], ys, moved, add);
              } else {
                Moves.scatter(
                    x,
                    source,
                    xs,
                    y,
                    target,
                    ys,
                    stride == 0 ? null : places,
                    places[0],
                    moved,
                    add);
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
            for (int i = 0; i < n; i++) {
              long number = offset + first + i;
              if (i == 0 || (number & 3) == 0) {
                CounterRandom.block(seed, number >>> 2, block);
              }
              integers[i] = (block[(int) number & 3] & 0xFFFFFFFFL) * bound >>> 32;
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
