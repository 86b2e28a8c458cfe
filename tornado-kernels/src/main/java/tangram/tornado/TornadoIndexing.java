package tangram.tornado;

import static tangram.tornado.TornadoMaps.dense;
import static tangram.tornado.TornadoMaps.placed;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Reducer;

/** {@link Indexing} on the device. */
final class TornadoIndexing implements Indexing {
  private static final Kernel GATHER = new Kernel("gather", IndexKernels::gather);
  private static final Kernel SCATTER = new Kernel("scatter", IndexKernels::scatter);
  private static final Kernel ADD_ROWS = new Kernel("addRows", IndexKernels::addRows);
  private static final Kernel SCAN = new Kernel("scan", IndexKernels::scan);
  private static final Kernel SCAN_TOTALS = new Kernel("scanTotals", IndexKernels::scanTotals);
  private static final Kernel MERGE = new Kernel("merge", IndexKernels::merge);
  private static final Kernel RANDOM = new Kernel("random", IndexKernels::random);

  static final List<Kernel> KERNELS =
      List.of(GATHER, SCATTER, ADD_ROWS, SCAN, SCAN_TOTALS, MERGE, RANDOM);

  /** Groups that a grid may have in its second dimension. */
  private static final int MAX_GROUPS = 65535;

  private final Launcher launcher;
  private final TornadoMaps maps;

  TornadoIndexing(Launcher launcher, TornadoMaps maps) {
    this.launcher = launcher;
    this.maps = maps;
  }

  /** An operand of other strides along an axis. */
  private static View along(View x, int axis, int[] dims, int stride) {
    int[] strides = x.strides().clone();
    strides[axis] = stride;
    return x.with(x.offset(), dims, strides);
  }

  private static int[] natural(int rank) {
    return IntStream.range(0, rank).toArray();
  }

  private static int[] others(int rank, int axis) {
    return IntStream.range(0, rank).filter(d -> d != axis).toArray();
  }

  /** Calls a kernel for every index into the dimensions that a call has no room for. */
  private void each(
      Kernel kernel, int[] order, List<View> operands, UnaryOperator<Launch> arguments, int of) {
    Walk walk = new Walk(order, operands.toArray(View[]::new));
    int outer = Math.max(0, walk.rank() - FormulaKernels.RANK);
    for (int call = 0; call < walk.size(0, outer); call++) {
      Launch launch = Launch.of(kernel);
      TornadoMaps.operands(launch, walk, outer, call);
      arguments.apply(launch);
      int count = walk.size(outer, walk.rank());
      launcher.launch(of == 0 ? launch : launch.threads(Math.multiplyExact(count, of)));
    }
  }

  @Override
  public void gather(View x, View index, int axis, View y) {
    View to = placed(y);
    List<View> operands = List.of(to, along(placed(x), axis, to.dims(), 0), placed(index));
    int length = x.dims()[axis];
    int step = x.strides()[axis];
    each(
        GATHER,
        Walk.memoryOrder(y.strides()),
        operands,
        launch -> launch.n(length, step).flag(x.type().isReal()).s(Double.NaN),
        1);
  }

  @Override
  public void scatter(View x, View index, int axis, View y, boolean add) {
    int[] dims = y.dims();
    int count = x.dims()[axis];
    int step = index.strides()[axis];
    int length = dims[axis];
    if (count == 0 || y.size() == 0) {
      return;
    }
    View to = placed(y);
    View from = along(placed(x), axis, dims, 0);
    int[] order = others(dims.length, axis);
    boolean rows = Arrays.stream(order).allMatch(d -> dims[d] == 1 || index.strides()[d] == 0);
    Walk columns = new Walk(order, from, to);
    int width = (columns.size() - 1) / IndexKernels.ROW_THREADS + 1;
    if (rows
        && add
        && x.type().isReal()
        && columns.rank() <= FormulaKernels.RANK
        && width <= MAX_GROUPS) {
      Launch launch = Launch.of(ADD_ROWS);
      TornadoMaps.operands(launch, columns, 0, 0);
      launcher.launch(
          launch
              .n(placed(index).offset(), step, count, x.strides()[axis], y.strides()[axis])
              .n(length)
              .s(Double.NaN)
              .groups(length, width, 1, IndexKernels.ROW_THREADS, 1, 1));
      return;
    }
    View places = new View(DType.I32, null, 0, dims, new int[dims.length]);
    List<View> operands =
        List.of(to, from, along(placed(index), axis, dims, 0), along(places, axis, dims, 1));
    each(
        SCATTER,
        Walk.memoryOrder(y.strides()),
        operands,
        launch ->
            launch
                .n(count, x.strides()[axis], step, length)
                .flag(x.type().isReal(), add)
                .s(Double.NaN),
        1);
  }

  @Override
  public void scan(Reducer reducer, View x, int axis, View y) {
    int length = x.dims()[axis];
    int lines = length == 0 ? 0 : x.size() / length;
    if (lines == 0) {
      return;
    }
    int totals = 2 * lines * ((length - 1) / IndexKernels.CHUNK + 2);
    boolean real = x.type().isReal();
    int scratch = real ? launcher.scratch(totals) : launcher.intScratch(totals);
    scan(reducer, placed(x), axis, placed(y), scratch);
  }

  private void scan(Reducer reducer, View x, int axis, View y, int scratch) {
    int[] order = others(x.dims().length, axis);
    int length = x.dims()[axis];
    int lines = IntStream.of(order).map(d -> x.dims()[d]).reduce(1, (a, b) -> a * b);
    int parts = (length - 1) / IndexKernels.CHUNK + 1;
    boolean real = x.type().isReal();
    UnaryOperator<Launch> arguments =
        launch ->
            launch
                .n(x.strides()[axis], y.strides()[axis], length, parts, scratch)
                .flag(reducer == Reducer.PRODUCT, real);
    Walk walk = new Walk(order, x, y);
    if (walk.rank() > FormulaKernels.RANK) {
      // The totals of a call's lines lie side by side, so dimensions beyond go one by one.
      for (int i = 0; i < x.dims()[order[0]]; i++) {
        scan(
            reducer,
            x.select(order[0], i),
            axis - (order[0] < axis ? 1 : 0),
            y.select(order[0], i),
            scratch);
      }
      return;
    }
    each(SCAN, order, List.of(x, y), arguments, parts);
    if (parts > 1) {
      View totals = dense(real ? DType.F32 : DType.I32, scratch, parts, lines);
      scan(reducer, totals, 0, totals, scratch + parts * lines);
      each(SCAN_TOTALS, order, List.of(x, y), arguments, length - IndexKernels.CHUNK);
    }
  }

  @Override
  public void sort(View x, int axis, boolean descending, View places) {
    int size = x.size();
    if (size == 0) {
      return;
    }
    int length = x.dims()[axis];
    int rank = x.dims().length;
    int[] order = others(rank, axis);
    View from = placed(x);
    if (new Walk(order, from).rank() > FormulaKernels.RANK) {
      throw new IllegalArgumentException(
          "the device 'tornado' sorts arrays of at most "
              + (FormulaKernels.RANK + 1)
              + " dimensions");
    }
    int a = launcher.intScratch(2 * size);
    int b = a + size;
    int source = -1;
    int target = a;
    for (int width = 1; width < length || source < 0; width *= 2) {
      int[] moved = {source, target, width};
      each(
          MERGE,
          order,
          List.of(from),
          launch ->
              launch
                  .n(x.strides()[axis], length, moved[2], moved[0], moved[1])
                  .flag(descending, x.type().isReal()),
          length);
      source = target;
      target = source == a ? b : a;
    }
    int[] last = IntStream.concat(IntStream.of(order), IntStream.of(axis)).toArray();
    View to = placed(places).permute(last);
    maps.copy(dense(DType.I32, source, to.dims()), to);
  }

  @Override
  public void random(long seed, long offset, long bound, View y) {
    int[] done = {0};
    int rank = y.dims().length;
    Walk walk = new Walk(natural(rank), y);
    int count = walk.size(Math.max(0, walk.rank() - FormulaKernels.RANK), walk.rank());
    each(
        RANDOM,
        natural(rank),
        List.of(placed(y)),
        launch -> {
          long first = offset + (long) done[0]++ * count;
          return launch
              .n((int) seed, (int) (seed >>> 32), (int) (first >>> 2), (int) (first >>> 34))
              .n((int) first & 3, (int) bound)
              .flag(y.type().isReal())
              .n(CounterRandom.ELEMENTS);
        },
        1);
  }
}
