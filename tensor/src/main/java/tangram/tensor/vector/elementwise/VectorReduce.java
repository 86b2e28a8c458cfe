package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.View;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Map and reduce in one pass. The dimensions that stay are walked over first. Where the elements of
 * one result lie side by side, results are computed one by one ("rows"); where neighbouring results
 * lie side by side, a tile of results is accumulated ("columns"). Long reductions are cut into
 * parts of fixed size, which are combined in order.
 */
final class VectorReduce {
  private static final int TILE = TileProgram.TILE;

  /** Elements of a part of a row: enough work for a task. */
  private static final int PART = 1 << 16;

  /** Rows that are accumulated in single precision before the sum continues in double precision. */
  private static final int SINGLE = 64;

  /** Rows of a part of a column. */
  private static final int COLUMN_PART = 1 << 10;

  private final Reducer reducer;
  private final TileProgram program;
  private final View[] inputs;
  private final View y;
  private final int outer;
  private final int length;

  /** Over the results, at the first element of each. */
  private final Walk kept;

  /** Over the elements of the first result. */
  private final Walk reduced;

  /** Over all, those of a result one after the other. */
  private final Walk all;

  private VectorReduce(Reducer reducer, TileProgram program, View[] inputs, View y) {
    this.reducer = reducer;
    this.program = program;
    this.inputs = inputs;
    this.y = y;
    View shape = first(inputs, y);
    int rank = y.dims().length;
    int[] order = new int[rank];
    int stay = 0;
    int count = 1;
    for (int d = 0; d < rank; d++) {
      if (!isReduced(shape, d)) {
        order[stay++] = d;
      }
    }
    int at = stay;
    for (int d = 0; d < rank; d++) {
      if (isReduced(shape, d)) {
        order[at++] = d;
        count *= shape.dims()[d];
      }
    }
    this.length = count;
    this.outer = y.size();
    View[] views = new View[inputs.length + 1];
    System.arraycopy(inputs, 0, views, 0, inputs.length);
    // Along the dimensions that are reduced the results step by 0.
    views[inputs.length] = y.expand(shape.dims());
    this.all = walk(order, 0, rank, shape, views);
    this.kept = walk(order, 0, stay, shape, views);
    this.reduced = walk(order, stay, rank, shape, views);
  }

  /** Over some of the dimensions. */
  private static Walk walk(int[] order, int from, int to, View shape, View[] views) {
    View[] first = new View[views.length + 1];
    first[0] = shape;
    System.arraycopy(views, 0, first, 1, views.length);
    return new Walk(Arrays.copyOfRange(order, from, to), first);
  }

  private static View first(View[] inputs, View y) {
    for (View view : inputs) {
      if (view != null) {
        return view;
      }
    }
    return y;
  }

  private boolean isReduced(View shape, int d) {
    return y.dims()[d] == 1 && shape.dims()[d] != 1;
  }

  static void run(Reducer reducer, TileProgram program, View[] inputs, View y) {
    VectorReduce reduce = new VectorReduce(reducer, program, inputs, y);
    if (reduce.outer == 0) {
      return;
    }
    if (reduce.length == 0) {
      reduce.fill(reducer.identity());
    } else if (reduce.isColumns()) {
      reduce.columns();
    } else {
      reduce.rows();
    }
  }

  private void fill(double value) {
    for (int i = 0; i < outer; i++) {
      store(i, value);
    }
  }

  private void store(int result, double value) {
    y.buffer().floats()[kept.place(inputs.length + 1, result)] = (float) value;
  }

  /** Whether neighbouring results, rather than the elements of one, lie side by side. */
  private boolean isColumns() {
    if (outer < 16 || length < 2) {
      return false;
    }
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] != null && kept.innerStride(i + 1) == 1 && reduced.innerStride(i + 1) != 1) {
        return true;
      }
    }
    return false;
  }

  private void rows() {
    int parts = VectorTiles.count(length, PART);
    if (parts > 1) {
      double[] partial = new double[outer * parts];
      VectorTiles.run(
          outer * parts,
          1,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              int start = i % parts * PART;
              partial[i] =
                  row(
                      Frame.prepared(program),
                      i / parts * length + start,
                      Math.min(PART, length - start));
            }
          });
      for (int i = 0; i < outer; i++) {
        double value = partial[i * parts];
        for (int part = 1; part < parts; part++) {
          value = reducer.combine(value, partial[i * parts + part]);
        }
        store(i, value);
      }
    } else if (length * 4 <= TILE) {
      VectorTiles.run(outer, VectorTiles.items(length), this::shortRows);
    } else {
      VectorTiles.run(
          outer,
          VectorTiles.items(length),
          (from, to) -> {
            Frame frame = Frame.prepared(program);
            for (int i = from; i < to; i++) {
              store(i, row(frame, i * length, length));
            }
          });
    }
  }

  /** Reduces n elements from a place in the walk. */
  private double row(Frame frame, int from, int n) {
    double value = reducer.identity();
    for (int done = 0; done < n; done += TILE) {
      int count = Math.min(TILE, n - done);
      compute(frame, all, 0, from + done, count);
      value = TileFold.fold(reducer, value, frame.tiles(), frame.result(), count);
    }
    return value;
  }

  /** Several rows to a tile. */
  private void shortRows(int from, int to) {
    Frame frame = Frame.prepared(program);
    int rows = TILE / length;
    for (int i = from; i < to; i += rows) {
      int count = Math.min(rows, to - i);
      compute(frame, all, 0, i * length, count * length);
      for (int r = 0; r < count; r++) {
        int at = frame.result() + r * length;
        store(i + r, TileFold.fold(reducer, reducer.identity(), frame.tiles(), at, length));
      }
    }
  }

  /**
   * Leaves the formula's values of n elements in the frame.
   *
   * @param element if not 0, the element of each result that the walk over the results stops at
   */
  private void compute(Frame frame, Walk walk, int element, int from, int n) {
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] != null) {
        int shift = element == 0 ? 0 : reduced.place(i + 1, element) - reduced.place(i + 1, 0);
        frame.load(walk, i + 1, inputs[i], i, shift, from, n);
      }
    }
    frame.compute(program, n);
  }

  private void columns() {
    int parts = VectorTiles.count(length, COLUMN_PART);
    int tiles = VectorTiles.count(outer, TILE);
    int rows = Math.min(length, COLUMN_PART);
    double[] partial = new double[parts * outer];
    VectorTiles.run(
        parts * tiles,
        VectorTiles.items((long) rows * Math.min(outer, TILE)),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int start = i / tiles * COLUMN_PART;
            column(
                i % tiles * TILE,
                start,
                Math.min(COLUMN_PART, length - start),
                partial,
                i / tiles * outer);
          }
        });
    VectorTiles.run(
        outer,
        VectorTiles.items(parts),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            double value = partial[i];
            for (int part = 1; part < parts; part++) {
              value = reducer.combine(value, partial[part * outer + i]);
            }
            store(i, value);
          }
        });
  }

  /** Accumulates some rows of a tile of results. */
  private void column(int first, int start, int rows, double[] into, int at) {
    int n = Math.min(TILE, outer - first);
    Frame frame = Frame.prepared(program);
    float[] tiles = frame.tiles();
    int acc = frame.spare();
    Arrays.fill(into, at + first, at + first + n, reducer.identity());
    // A product of a few numbers may leave the range of single precision and return to it.
    int single = reducer == Reducer.PRODUCT ? 1 : SINGLE;
    for (int row = start; row < start + rows; row += single) {
      int block = Math.min(single, start + rows - row);
      for (int r = 0; r < block; r++) {
        compute(frame, kept, row + r, first, n);
        if (r == 0) {
          System.arraycopy(tiles, frame.result(), tiles, acc, n);
        } else {
          TileFold.fold(reducer, tiles, acc, tiles, frame.result(), n);
        }
      }
      for (int k = 0; k < n; k++) {
        into[at + first + k] = reducer.combine(into[at + first + k], tiles[acc + k]);
      }
    }
  }
}
