package tangram.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tangram.tensor.DType;
import tangram.tensor.DeviceException;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * {@link Maps} on the device: a kernel for each formula and combination of types, made when it is
 * first needed. Folds compute the formula first and then fold its results in chunks of fixed size.
 */
final class TornadoMaps implements Maps {
  private static final Kernel FOLD_REALS = new Kernel("foldReals", FormulaKernels::foldReals);
  private static final Kernel FOLD_INTS = new Kernel("foldInts", FormulaKernels::foldInts);

  static final List<Kernel> KERNELS = List.of(FOLD_REALS, FOLD_INTS);

  private static final double[] NONE = {};

  private final Launcher launcher;

  TornadoMaps(Launcher launcher) {
    this.launcher = launcher;
  }

  /** An operand: where its elements lie in one of the two arrays. */
  private record Operand(DType type, int offset, int[] dims, int[] strides) {
    static Operand of(View view) {
      int base = ((Slab) view.buffer().storage()).base();
      return new Operand(view.type(), base + view.offset(), view.dims(), view.strides());
    }

    static Operand dense(DType type, int offset, int... dims) {
      return new Operand(type, offset, dims, View.rowMajor(dims));
    }
  }

  @Override
  public void map(Formula formula, double[] parameters, View[] inputs, View y) {
    boolean real = View.computeType(inputs, y).isReal();
    Operand[] operands = new Operand[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      operands[i] = inputs[i] == null ? null : Operand.of(inputs[i]);
    }
    map(formula, parameters, real, operands, Operand.of(y));
  }

  private void map(
      Formula formula, double[] parameters, boolean real, Operand[] inputs, Operand y) {
    List<Operand> views = new ArrayList<>(Arrays.asList(inputs));
    views.add(y);
    Strides strides =
        new Strides(y.dims, views.stream().map(v -> v == null ? null : v.strides).toList());
    if (strides.size() == 0) {
      return;
    }
    if (parameters.length > Kernel.FLOATS || views.size() > most()) {
      throw new DeviceException(
          "The device 'tornado' has formulas of at most "
              + (most() - 1)
              + " arrays and "
              + Kernel.FLOATS
              + " numbers; split the formula.");
    }
    List<Boolean> realInputs =
        Arrays.stream(inputs).map(v -> v != null && v.type.isReal()).toList();
    FormulaCompiler.Types types =
        new FormulaCompiler.Types(real, realInputs, y.type.isReal(), y.type == DType.BOOL);
    Kernel kernel = formula.compiled(types, program -> FormulaCompiler.compile(program, types));
    // Dimensions beyond those that a call has room for are walked over here.
    int outer = Math.max(0, strides.rank() - FormulaKernels.RANK);
    int calls = strides.size(0, outer);
    for (int call = 0; call < calls; call++) {
      launch(kernel, parameters, strides, views, outer, call);
    }
  }

  private static int most() {
    return (Kernel.INTS - FormulaKernels.OPERANDS) / FormulaKernels.OPERAND;
  }

  private void launch(
      Kernel kernel,
      double[] parameters,
      Strides strides,
      List<Operand> views,
      int outer,
      int call) {
    int count = strides.size() / strides.size(0, outer);
    int rank = strides.rank() - outer;
    Launch launch = Launch.of(kernel).n(count).n(rank);
    for (int d = 0; d < FormulaKernels.RANK; d++) {
      int from = d - (FormulaKernels.RANK - rank);
      launch.n(from < 0 ? 1 : strides.dim(outer + from));
    }
    for (int v = 0; v < views.size(); v++) {
      Operand view = views.get(v);
      launch.n(view == null ? 0 : view.offset + strides.shift(v, outer, call));
      for (int d = 0; d < FormulaKernels.RANK; d++) {
        int from = d - (FormulaKernels.RANK - rank);
        launch.n(view == null || from < 0 ? 0 : strides.stride(v, outer + from));
      }
    }
    for (double parameter : parameters) {
      launch.s(parameter);
    }
    launcher.launch(launch.threads(count));
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y) {
    boolean real = View.computeType(inputs, y).isReal();
    int[] dims = inputs[0].dims();
    int rank = dims.length;
    // Those that stay first: the values of a result lie one after the other.
    int[] order = new int[rank];
    int at = 0;
    int results = 1;
    int length = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (int d = 0; d < rank; d++) {
        boolean folded = y.dims()[d] == 1 && dims[d] != 1;
        if (folded == (pass == 1)) {
          order[at++] = d;
          results *= folded ? 1 : dims[d];
          length *= folded ? dims[d] : 1;
        }
      }
    }
    if (results == 0) {
      return;
    }
    DType type = real ? DType.F32 : DType.I32;
    if (length == 0) {
      double identity = real ? reducer.identity() : (int) clamp(reducer.integerIdentity());
      map(Formula.CONSTANT, new double[] {identity}, real, new Operand[0], Operand.of(y));
      return;
    }
    int parts = (length - 1) / FormulaKernels.CHUNK + 1;
    int size = Math.multiplyExact(results, length);
    int scratch =
        real
            ? launcher.scratch(size + 2 * results * parts)
            : launcher.intScratch(size + 2 * results * parts);
    Operand[] operands = new Operand[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      operands[i] = inputs[i] == null ? null : ordered(Operand.of(inputs[i]), order);
    }
    int[] sizes = new int[rank];
    for (int d = 0; d < rank; d++) {
      sizes[d] = dims[order[d]];
    }
    map(formula, parameters, real, operands, Operand.dense(type, scratch, sizes));
    int from = scratch;
    int to = scratch + size;
    for (int left = length; left > 1; left = parts) {
      parts = (left - 1) / FormulaKernels.CHUNK + 1;
      int count = results * parts;
      launcher.launch(
          Launch.of(real ? FOLD_REALS : FOLD_INTS)
              .n(from)
              .n(to)
              .n(results)
              .n(left)
              .n(parts)
              .n(reducer.ordinal())
              .threads(count));
      from = to;
      to = from == scratch + size ? from + count : scratch + size;
    }
    Operand result = Operand.of(y);
    map(Formula.IDENTITY, NONE, real, new Operand[] {Operand.dense(type, from, y.dims())}, result);
  }

  private static long clamp(long value) {
    return Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
  }

  private static Operand ordered(Operand view, int[] order) {
    int[] dims = new int[order.length];
    int[] strides = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      dims[d] = view.dims[order[d]];
      strides[d] = view.strides[order[d]];
    }
    return new Operand(view.type, view.offset, dims, strides);
  }
}
