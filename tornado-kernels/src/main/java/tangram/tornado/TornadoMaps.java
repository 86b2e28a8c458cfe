package tangram.tornado;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import tangram.tensor.DType;
import tangram.tensor.DeviceException;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * {@link Maps} on the device: a kernel for each formula and combination of types, made when it is
 * first needed.
 */
final class TornadoMaps implements Maps {
  private static final Kernel TRANSPOSE = new Kernel("transpose", FormulaKernels::transpose);

  static final List<Kernel> KERNELS = List.of(TRANSPOSE);

  /** Groups that a grid may have in its second and third dimension. */
  private static final int MAX_GROUPS = 65535;

  private static final double[] NONE = {};

  private final Launcher launcher;
  private final TornadoRows rows;

  TornadoMaps(Launcher launcher) {
    this.launcher = launcher;
    this.rows = new TornadoRows(launcher);
  }

  /** A view without buffer, whose offset counts from the beginning of the device's array. */
  static View placed(View view) {
    int base = ((Slab) view.buffer().storage()).base();
    return new View(view.type(), null, base + view.offset(), view.dims(), view.strides());
  }

  /** As {@link #placed}, of elements that lie one after the other. */
  static View dense(DType type, int offset, int... dims) {
    return new View(type, null, offset, dims, View.rowMajor(dims));
  }

  @Override
  public void map(Formula formula, double[] parameters, View[] inputs, View y) {
    boolean real = View.computeType(inputs, y).isReal();
    map(formula, parameters, real, placed(inputs, inputs.length), placed(y));
  }

  /** Copies elements. */
  void copy(View x, View y) {
    map(Formula.IDENTITY, NONE, x.type().isReal(), new View[] {x}, y);
  }

  @Override
  public void mapAll(List<List<Call>> sequences) {
    int longest = sequences.stream().mapToInt(List::size).max().orElse(0);
    for (int k = 0; k < longest; k++) {
      Map<Together, List<Launch>> together = new LinkedHashMap<>();
      for (List<Call> sequence : sequences) {
        if (k < sequence.size()) {
          Call call = sequence.get(k);
          boolean real = View.computeType(call.inputs(), call.y()).isReal();
          View[] inputs = placed(call.inputs(), call.inputs().length);
          View y = placed(call.y());
          for (Launch launch : launches(call.formula(), call.parameters(), real, inputs, y)) {
            if (launch.kernel == TRANSPOSE) {
              launcher.launch(launch);
            } else {
              together
                  .computeIfAbsent(
                      new Together(
                          call.formula(), types(real, inputs, y), FloatBuffer.wrap(launch.floats)),
                      t -> new ArrayList<>())
                  .add(launch);
            }
          }
        }
      }
      together.forEach(
          (t, launches) ->
              launcher.launchAll(() -> FormulaCompiler.together(t.formula, t.types), launches));
    }
  }

  /** What calls that are made together have in common. */
  private record Together(Formula formula, FormulaCompiler.Types types, FloatBuffer numbers) {}

  private void map(Formula formula, double[] parameters, boolean real, View[] inputs, View y) {
    launches(formula, parameters, real, inputs, y).forEach(launcher::launch);
  }

  private static FormulaCompiler.Types types(boolean real, View[] inputs, View y) {
    List<Boolean> realInputs =
        Arrays.stream(inputs).map(v -> v != null && v.type().isReal()).toList();
    return new FormulaCompiler.Types(real, realInputs, y.type().isReal(), y.type() == DType.BOOL);
  }

  private static List<Launch> launches(
      Formula formula, double[] parameters, boolean real, View[] inputs, View y) {
    // What the formula does not read takes no place among the call's numbers.
    List<View> views = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      if (formula.reads(i)) {
        views.add(inputs[i]);
      }
    }
    views.add(y);
    Walk walk = new Walk(Walk.memoryOrder(y.strides()), views.toArray(View[]::new));
    if (walk.size() == 0) {
      return List.of();
    }
    if (parameters.length > Kernel.OWN_FLOATS || views.size() > most()) {
      throw new DeviceException(
          "The device 'tornado' has formulas of at most %s arrays and %s numbers; split the formula."
              .formatted(most() - 1, Kernel.OWN_FLOATS));
    }
    if (formula == Formula.IDENTITY
        && inputs[0].type() == DType.F32
        && y.type() == DType.F32
        && transposes(walk)) {
      return List.of(transposition(walk));
    }
    Kernel kernel = FormulaCompiler.of(formula, types(real, inputs, y));
    // Dimensions beyond those that a call has room for are walked over here.
    int outer = Math.max(0, walk.rank() - FormulaKernels.RANK);
    List<Launch> launches = new ArrayList<>();
    for (int call = 0; call < walk.size(0, outer); call++) {
      Launch launch = Launch.of(kernel);
      operands(launch, walk, outer, call);
      for (double parameter : parameters) {
        launch.s(parameter);
      }
      launches.add(launch.threads(walk.size(outer, walk.rank()), FormulaCompiler.each(formula)));
    }
    return launches;
  }

  /**
   * Whether a copy goes by tiles: the operands step by one along different dimensions, both at
   * least as long as a group is wide.
   */
  private static boolean transposes(Walk walk) {
    if (walk.rank() < 2 || walk.rank() > 3) {
      return false;
    }
    int row = row(walk);
    return walk.stride(0, row) == 1
        && walk.innerStride(1) == 1
        && Math.min(walk.dim(row), walk.inner()) >= FormulaKernels.TILE_THREADS
        && walk.size() / walk.dim(row) / walk.inner() <= MAX_GROUPS
        && Launch.blocks(walk.inner(), FormulaKernels.TILE) <= MAX_GROUPS;
  }

  /** The dimension along which the elements of what is copied lie side by side. */
  private static int row(Walk walk) {
    return walk.rank() == 3 && walk.stride(0, 0) == 1 ? 0 : walk.rank() - 2;
  }

  private static Launch transposition(Walk walk) {
    int row = row(walk);
    int other = walk.rank() == 2 ? -1 : 1 - row;
    return Launch.of(TRANSPOSE)
        .n(walk.place(0, 0), walk.place(1, 0), walk.inner(), walk.dim(row))
        .n(walk.innerStride(0), walk.stride(1, row))
        .n(other < 0 ? 0 : walk.stride(0, other), other < 0 ? 0 : walk.stride(1, other))
        .groups(
            Launch.blocks(walk.dim(row), FormulaKernels.TILE),
            Launch.blocks(walk.inner(), FormulaKernels.TILE),
            other < 0 ? 1 : walk.dim(other),
            FormulaKernels.TILE,
            FormulaKernels.TILE_THREADS,
            1);
  }

  /**
   * Tells a call the dimensions of a walk from the outer ones on, and the operands' strides.
   *
   * @param index which element of the outer dimensions
   */
  static void operands(Launch launch, Walk walk, int outer, int index) {
    int rank = walk.rank() - outer;
    int skipped = FormulaKernels.RANK - rank;
    launch.n(walk.size(outer, walk.rank()), rank);
    for (int d = 0; d < FormulaKernels.RANK; d++) {
      launch.n(d < skipped ? 1 : walk.dim(outer + d - skipped));
    }
    for (int v = 0; v < walk.operands(); v++) {
      launch.n(walk.place(v, outer, index));
      for (int d = 0; d < FormulaKernels.RANK; d++) {
        launch.n(d < skipped ? 0 : walk.stride(v, outer + d - skipped));
      }
    }
  }

  private static int most() {
    return (Kernel.INTS - FormulaKernels.OPERANDS) / FormulaKernels.OPERAND;
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y) {
    boolean real = View.computeType(inputs, y).isReal();
    int[] dims = inputs[0].dims();
    if (y.size() == 0) {
      return;
    }
    if (inputs[0].size() == 0) {
      double identity = real ? reducer.identity() : KernelWriter.integerIdentity(reducer);
      map(Formula.CONSTANT, new double[] {identity}, real, new View[0], placed(y));
      return;
    }
    Cascade cascade =
        formula.compiled(
            reducer, program -> fold(reducer, formula, inputs.length, parameters.length));
    View[] operands = placed(inputs, inputs.length + 1);
    // The same all along a row, like every row value.
    operands[inputs.length] = placed(y).expand(dims);
    TornadoRows.Rows whole = TornadoRows.rows(cascade, operands, dims, y.dims());
    if (whole != null) {
      rows.run(whole, parameters, real, 0);
    } else {
      fold(reducer, formula, parameters, real, placed(inputs, inputs.length), dims, placed(y));
    }
  }

  private static Cascade fold(Reducer reducer, Formula formula, int inputs, int parameters) {
    return new Cascade(reducer.name().toLowerCase(Locale.ROOT), inputs, 0, 1, parameters)
        .fold(0, reducer, (x, p) -> formula.root())
        .keep(0);
  }

  /** Brings the formula's results to one place first: the operands lie in too many ways. */
  private void fold(
      Reducer reducer,
      Formula formula,
      double[] parameters,
      boolean real,
      View[] inputs,
      int[] dims,
      View y) {
    int[] order = Walk.foldOrder(dims, y.dims());
    int size = IntStream.of(dims).reduce(1, (a, b) -> a * b);
    int used = size + y.size();
    int scratch = real ? launcher.scratch(used) : launcher.intScratch(used);
    int[] sizes = IntStream.of(order).map(d -> dims[d]).toArray();
    int[] results = IntStream.of(order).map(d -> y.dims()[d]).toArray();
    DType type = real ? DType.F32 : DType.I32;
    View values = dense(type, scratch, sizes);
    View result = dense(type, scratch + size, results);
    View[] permuted =
        Arrays.stream(inputs).map(v -> v == null ? null : v.permute(order)).toArray(View[]::new);
    map(formula, parameters, real, permuted, values);
    Cascade of =
        Formula.IDENTITY.compiled(reducer, program -> fold(reducer, Formula.IDENTITY, 1, 0));
    View[] folded = {values, result.expand(sizes)};
    rows.run(TornadoRows.rows(of, folded, sizes, results), NONE, real, used);
    copy(result, y.permute(order));
  }

  @Override
  public void cascade(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rowValues) {
    int[] dims = inputs[0].dims();
    View[] operands = placed(inputs, cascade.operands());
    System.arraycopy(placed(outputs, outputs.length), 0, operands, inputs.length, outputs.length);
    View[] placedRows = placed(rowValues, rowValues.length);
    Arrays.setAll(placedRows, k -> placedRows[k].expand(dims));
    int firstRow = inputs.length + outputs.length;
    System.arraycopy(placedRows, 0, operands, firstRow, placedRows.length);
    Cascade sums = cascade.compiled(TornadoMaps.class, () -> sums(cascade, parameters.length));
    View[] sumOperands = Arrays.copyOf(operands, sums.operands());
    List<Cascade.Pass> across = cascade.sums();
    for (int k = 0; k < across.size(); k++) {
      sumOperands[inputs.length + k] = operands[inputs.length + across.get(k).target()];
    }
    int[] sumDims = across.isEmpty() ? dims : sumOperands[inputs.length].dims();
    TornadoRows.Rows summed = TornadoRows.rows(sums, sumOperands, dims, sumDims);
    TornadoRows.Rows others =
        TornadoRows.rows(cascade.withoutSums(), operands, dims, rowValues[0].dims());
    if (inputs[0].size() == 0 || others == null || summed == null && !across.isEmpty()) {
      Maps.super.cascade(cascade, parameters, inputs, outputs, rowValues);
      return;
    }
    // Before what they read may be written over.
    if (!across.isEmpty()) {
      rows.run(summed, parameters, true, 0);
    }
    rows.run(others, parameters, true, 0);
  }

  /** Sums over all rows as folds, where rows are what is counted within a row otherwise. */
  private static Cascade sums(Cascade cascade, int parameters) {
    List<Cascade.Pass> passes = cascade.sums();
    Cascade sums =
        new Cascade(cascade.name() + "_sums", cascade.inputs(), 0, passes.size(), parameters);
    for (int k = 0; k < passes.size(); k++) {
      Formula formula = passes.get(k).formula();
      sums.fold(k, Reducer.SUM, (x, p) -> formula.root()).keep(k);
    }
    return sums;
  }

  private static View[] placed(View[] views, int length) {
    View[] placed = new View[length];
    for (int i = 0; i < views.length; i++) {
      placed[i] = views[i] == null ? null : placed(views[i]);
    }
    return placed;
  }
}
