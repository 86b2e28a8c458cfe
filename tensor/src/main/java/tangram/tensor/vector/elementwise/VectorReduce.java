package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.stream.IntStream;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
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
  static final int SINGLE = 64;

  /** Shorter runs of neighbouring results share tiles. */
  private static final int SHORT = 64;

  /** Results that are stored together. */
  private static final int BLOCK = 64;

  /** Rows of a part of a column. */
  static final int COLUMN_PART = 1 << 10;

  private final Reducer reducer;
  private final TileProgram program;
  private final double[] parameters;
  private final Domain domain;
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

  /** Over all, the first of every result, then the second. */
  private final Walk turned;

  VectorReduce(Reducer reducer, TileProgram program, double[] parameters, View[] inputs, View y) {
    this.reducer = reducer;
    this.program = program;
    this.parameters = parameters;
    this.domain = Domain.of(View.computeType(inputs, y));
    this.inputs = inputs;
    this.y = y;
    View shape = inputs[0];
    int rank = y.dims().length;
    int[] order = Walk.foldOrder(shape.dims(), y.dims());
    int stay = (int) IntStream.range(0, rank).filter(d -> !isReduced(shape, d)).count();
    this.outer = y.size();
    View[] views = new View[inputs.length + 1];
    System.arraycopy(inputs, 0, views, 0, inputs.length);
    // Along the dimensions that are reduced the results step by 0.
    views[inputs.length] = y.expand(shape.dims());
    this.all = walk(order, 0, rank, shape, views);
    int[] last = new int[rank];
    System.arraycopy(order, stay, last, 0, rank - stay);
    System.arraycopy(order, 0, last, rank - stay, stay);
    this.turned = walk(last, 0, rank, shape, views);
    this.kept = walk(order, 0, stay, shape, views);
    this.reduced = walk(order, stay, rank, shape, views);
    this.length = reduced.size();
  }

  /** Over some of the dimensions. */
  private static Walk walk(int[] order, int from, int to, View shape, View[] views) {
    View[] first = new View[views.length + 1];
    first[0] = shape;
    System.arraycopy(views, 0, first, 1, views.length);
    return new Walk(Arrays.copyOfRange(order, from, to), first);
  }

  private boolean isReduced(View shape, int d) {
    return y.dims()[d] == 1 && shape.dims()[d] != 1;
  }

  static void run(
      Reducer reducer, TileProgram program, double[] parameters, View[] inputs, View y) {
    new VectorReduce(reducer, program, parameters, inputs, y).compute();
  }

  void compute() {
    if (outer == 0) {
      return;
    }
    program.count(domain, length * outer);
    if (length == 0) {
      empty();
    } else if (isColumns()) {
      columns();
    } else {
      rows();
    }
  }

  private void empty() {
    Object partials = domain.newPartials(1);
    domain.clear(reducer, partials, 0, 1);
    for (int i = 0; i < outer; i++) {
      store(partials, 0, i);
    }
  }

  private void store(Object partials, int at, int result) {
    domain.store(partials, at, y, kept.place(inputs.length + 1, result));
  }

  private Frame frame() {
    return Frame.prepared(program, domain, parameters);
  }

  /** Whether neighbouring results, rather than the elements of one, lie side by side. */
  boolean isColumns() {
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
      Object partials = cleared(outer * parts);
      VectorTiles.run(
          outer * parts,
          1,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              int start = i % parts * PART;
              int count = Math.min(PART, length - start);
              row(frame(), i / parts * length + start, count, partials, i);
            }
          });
      for (int i = 0; i < outer; i++) {
        for (int part = 1; part < parts; part++) {
          domain.combine(reducer, partials, i * parts, i * parts + part);
        }
        store(partials, i * parts, i);
      }
    } else if (isInPlace()) {
      VectorTiles.run(outer, VectorTiles.items(length), this::rowsWhereTheyAre);
    } else if (length * 4 <= TILE) {
      VectorTiles.run(outer, VectorTiles.items(length), this::shortRows);
    } else {
      VectorTiles.run(
          outer,
          VectorTiles.items(length),
          (from, to) -> {
            Frame frame = frame();
            Object partials = frame.partials(1);
            for (int i = from; i < to; i++) {
              domain.clear(reducer, partials, 0, 1);
              row(frame, i * length, length, partials, 0);
              store(partials, 0, i);
            }
          });
    }
  }

  /** Whether the formula is an operand whose rows can be read where they are. */
  private boolean isInPlace() {
    int alone = program.isOperand();
    return alone >= 0
        && alone < inputs.length
        && inputs[alone].type() == domain.type()
        && reduced.isRun(alone + 1, 0, length);
  }

  private void rowsWhereTheyAre(int from, int to) {
    int operand = program.isOperand() + 1;
    Object x = inputs[operand - 1].buffer().storage();
    Object partials = frame().partials(BLOCK);
    for (int i = from; i < to; i += BLOCK) {
      int n = Math.min(BLOCK, to - i);
      domain.clear(reducer, partials, 0, n);
      for (int k = 0; k < n; k++) {
        domain.fold(reducer, partials, k, x, kept.place(operand, i + k), length);
      }
      for (int k = 0; k < n; k++) {
        store(partials, k, i + k);
      }
    }
  }

  private Object cleared(int count) {
    Object partials = frame().partials(count);
    domain.clear(reducer, partials, 0, count);
    return partials;
  }

  /** Takes n elements from a place in the walk into a partial. */
  private void row(Frame frame, int from, int n, Object partials, int into) {
    int alone = program.isOperand();
    boolean direct = alone >= 0 && alone < inputs.length && isRun(all, alone, from, n);
    int tile = direct ? n : TILE;
    for (int done = 0; done < n; done += tile) {
      int count = Math.min(tile, n - done);
      compute(frame, all, 0, from + done, count);
      domain.fold(reducer, partials, into, frame.values(), frame.first(), count);
    }
  }

  /** Several rows to a tile. */
  private void shortRows(int from, int to) {
    Frame frame = frame();
    Object partials = frame.partials(1);
    int rows = TILE / length;
    for (int i = from; i < to; i += rows) {
      int count = Math.min(rows, to - i);
      compute(frame, all, 0, i * length, count * length);
      for (int r = 0; r < count; r++) {
        domain.clear(reducer, partials, 0, 1);
        int at = frame.first() + r * length;
        domain.fold(reducer, partials, 0, frame.values(), at, length);
        store(partials, 0, i + r);
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
    // Tiles end where neighbours do, or nothing could be read in place.
    int run = kept.inner() >= SHORT ? kept.inner() : outer;
    int perRun = VectorTiles.count(run, TILE);
    int tiles = outer / run * perRun;
    int rows = Math.min(length, COLUMN_PART);
    Object partials = cleared(parts * outer);
    VectorTiles.run(
        parts * tiles,
        VectorTiles.items((long) rows * Math.min(run, TILE)),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int start = i / tiles * COLUMN_PART;
            int count = Math.min(COLUMN_PART, length - start);
            int tile = i % tiles;
            int within = tile % perRun * TILE;
            int n = Math.min(TILE, run - within);
            column(tile / perRun * run + within, n, start, count, partials, i / tiles * outer);
          }
        });
    VectorTiles.run(
        outer,
        VectorTiles.items(parts),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            for (int part = 1; part < parts; part++) {
              domain.combine(reducer, partials, i, part * outer + i);
            }
            store(partials, i, i);
          }
        });
  }

  /** Accumulates some rows of a tile of results. */
  private void column(int first, int n, int start, int rows, Object into, int at) {
    Frame frame = frame();
    int alone = reducer == Reducer.SUM && domain.type() == DType.F32 ? program.isOperand() : -1;
    if (alone >= 0 && alone < inputs.length && isRun(kept, alone, first, n)) {
      rowsInPlace(frame, alone, first, n, start, rows, into, at + first);
      return;
    }
    Object tiles = frame.tiles();
    int acc = frame.spare();
    // A product of a few numbers may leave the range of single precision and return to it.
    int single = reducer == Reducer.PRODUCT ? 1 : SINGLE;
    // Several short rows to a tile.
    int together = n == outer ? Math.max(1, Math.min(single, TILE / n)) : 1;
    for (int row = start; row < start + rows; row += single) {
      int block = Math.min(single, start + rows - row);
      for (int r = 0; r < block; r++) {
        if (together == 1) {
          compute(frame, kept, row + r, first, n);
        } else if (r % together == 0) {
          compute(frame, turned, 0, (row + r) * n, Math.min(together, block - r) * n);
        }
        int at0 = frame.first() + r % together * n;
        if (r == 0) {
          System.arraycopy(frame.values(), at0, tiles, acc, n);
        } else {
          domain.accumulate(reducer, tiles, acc, frame.values(), at0, n);
        }
      }
      domain.foldEach(reducer, into, at + first, tiles, acc, n);
    }
  }

  private boolean isRun(Walk walk, int operand, int first, int n) {
    return inputs[operand].type() == domain.type() && walk.isRun(operand + 1, first, n);
  }

  /** Adds rows up where they are, four at a time. */
  private void rowsInPlace(
      Frame frame, int operand, int first, int n, int start, int rows, Object into, int at) {
    float[] x = inputs[operand].buffer().floats();
    float[] sum = (float[]) frame.tiles();
    int acc = frame.spare();
    int base = kept.place(operand + 1, first) - reduced.place(operand + 1, 0);
    for (int row = start; row < start + rows; row += SINGLE) {
      int end = Math.min(row + SINGLE, start + rows);
      Arrays.fill(sum, acc, acc + n, 0);
      int r = row;
      for (; r <= end - 4; r += 4) {
        TileFold.addRows(
            x,
            base + reduced.place(operand + 1, r),
            base + reduced.place(operand + 1, r + 1),
            base + reduced.place(operand + 1, r + 2),
            base + reduced.place(operand + 1, r + 3),
            sum,
            acc,
            n);
      }
      for (; r < end; r++) {
        domain.accumulate(reducer, sum, acc, x, base + reduced.place(operand + 1, r), n);
      }
      domain.foldEach(reducer, into, at, sum, acc, n);
    }
  }
}
