package tangram.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tangram.tensor.DType;
import tangram.tensor.DeviceException;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * {@link Maps} on the device: a kernel for each formula and combination of types, made when it is
 * first needed. Folds compute the formula first and then fold its results in chunks of fixed size.
 */
final class TornadoMaps implements Maps {
  private static final Kernel FOLD = new Kernel("fold", FormulaKernels::fold);
  private static final Kernel TRANSPOSE = new Kernel("transpose", FormulaKernels::transpose);

  static final List<Kernel> KERNELS = List.of(FOLD, TRANSPOSE);

  /** Groups that a grid may have in its second and third dimension. */
  private static final int MAX_GROUPS = 65535;

  private static final double[] NONE = {};

  private final Launcher launcher;

  TornadoMaps(Launcher launcher) {
    this.launcher = launcher;
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
    View[] operands = new View[inputs.length];
    Arrays.setAll(operands, i -> inputs[i] == null ? null : placed(inputs[i]));
    map(formula, parameters, real, operands, placed(y));
  }

  /** Copies elements. */
  void copy(View x, View y) {
    map(Formula.IDENTITY, NONE, x.type().isReal(), new View[] {x}, y);
  }

  private void map(Formula formula, double[] parameters, boolean real, View[] inputs, View y) {
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
      return;
    }
    if (parameters.length > Kernel.FLOATS || views.size() > most()) {
      throw new DeviceException(
          "The device 'tornado' has formulas of at most %s arrays and %s numbers; split the formula."
              .formatted(most() - 1, Kernel.FLOATS));
    }
    if (formula == Formula.IDENTITY
        && inputs[0].type() == DType.F32
        && y.type() == DType.F32
        && transposes(walk)) {
      return;
    }
    List<Boolean> realInputs =
        Arrays.stream(inputs).map(v -> v != null && v.type().isReal()).toList();
    FormulaCompiler.Types types =
        new FormulaCompiler.Types(real, realInputs, y.type().isReal(), y.type() == DType.BOOL);
    Kernel kernel = formula.compiled(types, program -> FormulaCompiler.compile(program, types));
    // Dimensions beyond those that a call has room for are walked over here.
    int outer = Math.max(0, walk.rank() - FormulaKernels.RANK);
    int calls = walk.size(0, outer);
    for (int call = 0; call < calls; call++) {
      Launch launch = Launch.of(kernel);
      operands(launch, walk, outer, call);
      for (double parameter : parameters) {
        launch.s(parameter);
      }
      launcher.launch(launch.threads(walk.size(outer, walk.rank())));
    }
  }

  /**
   * Copies by tiles if the operands step by one along different dimensions, both at least as long
   * as a group is wide.
   */
  private boolean transposes(Walk walk) {
    int row = walk.rank() == 3 && walk.stride(0, 0) == 1 ? 0 : walk.rank() - 2;
    if (walk.rank() < 2
        || walk.rank() > 3
        || walk.stride(0, row) != 1
        || walk.innerStride(1) != 1
        || Math.min(walk.dim(row), walk.inner()) < FormulaKernels.TILE_THREADS) {
      return false;
    }
    int other = walk.rank() == 2 ? -1 : 1 - row;
    int batch = other < 0 ? 1 : walk.dim(other);
    int down = (walk.inner() - 1) / FormulaKernels.TILE + 1;
    if (batch > MAX_GROUPS || down > MAX_GROUPS) {
      return false;
    }
    launcher.launch(
        Launch.of(TRANSPOSE)
            .n(walk.place(0, 0), walk.place(1, 0), walk.inner(), walk.dim(row))
            .n(walk.innerStride(0), walk.stride(1, row))
            .n(other < 0 ? 0 : walk.stride(0, other), other < 0 ? 0 : walk.stride(1, other))
            .groups(
                (walk.dim(row) - 1) / FormulaKernels.TILE + 1,
                down,
                batch,
                FormulaKernels.TILE,
                FormulaKernels.TILE_THREADS,
                1));
    return true;
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
    int[] order = Walk.foldOrder(dims, y.dims());
    int results = y.size();
    int length =
        IntStream.range(0, dims.length)
            .map(d -> dims[d] / Math.max(1, y.dims()[d]))
            .reduce(1, (a, b) -> a * b);
    if (results == 0) {
      return;
    }
    DType type = real ? DType.F32 : DType.I32;
    if (length == 0) {
      double identity = real ? reducer.identity() : (int) clamp(reducer.integerIdentity());
      map(Formula.CONSTANT, new double[] {identity}, real, new View[0], placed(y));
      return;
    }
    int parts = (length - 1) / FormulaKernels.CHUNK + 1;
    int size = Math.multiplyExact(results, length);
    int scratch =
        real
            ? launcher.scratch(size + 2 * results * parts)
            : launcher.intScratch(size + 2 * results * parts);
    View[] operands = new View[inputs.length];
    Arrays.setAll(operands, i -> inputs[i] == null ? null : placed(inputs[i]).permute(order));
    int[] sizes = IntStream.of(order).map(d -> dims[d]).toArray();
    map(formula, parameters, real, operands, dense(type, scratch, sizes));
    int from = scratch;
    int to = scratch + size;
    for (int left = length; left > 1; left = parts) {
      parts = (left - 1) / FormulaKernels.CHUNK + 1;
      int count = results * parts;
      launcher.launch(
          Launch.of(FOLD)
              .n(from, to, results, left, parts, reducer.ordinal())
              .flag(real)
              .threads(count));
      from = to;
      to = from == scratch + size ? from + count : scratch + size;
    }
    copy(dense(type, from, y.dims()), placed(y));
  }

  private static long clamp(long value) {
    return Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
  }
}
