package tangram.tensor.reference;

import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/** {@link Maps}, element by element. */
final class ReferenceMaps implements Maps {
  @Override
  public void map(Formula formula, View[] inputs, View y) {
    Program program = formula.program();
    double[] x = new double[inputs.length];
    int[] at = new int[y.dims().length];
    for (int i = y.size(); i > 0; i--) {
      load(inputs, at, x);
      y.buffer().doubles()[place(y, at)] = program.evaluate(x);
      next(at, y.dims());
    }
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, View[] inputs, View y) {
    Program program = formula.program();
    double[] results = y.buffer().doubles();
    int[] at = new int[y.dims().length];
    for (int i = y.size(); i > 0; i--) {
      results[place(y, at)] = reducer.identity();
      next(at, y.dims());
    }
    View shape = inputs[0];
    View repeated = y.expand(shape.dims());
    double[] x = new double[inputs.length];
    int[] from = new int[shape.dims().length];
    for (int i = shape.size(); i > 0; i--) {
      load(inputs, from, x);
      int to = place(repeated, from);
      results[to] = reducer.combine(results[to], program.evaluate(x));
      next(from, shape.dims());
    }
  }

  private static void load(View[] inputs, int[] at, double[] x) {
    for (int k = 0; k < x.length; k++) {
      if (inputs[k] != null) {
        x[k] = inputs[k].buffer().doubles()[place(inputs[k], at)];
      }
    }
  }

  private static int place(View view, int[] at) {
    int place = view.offset();
    for (int d = 0; d < at.length; d++) {
      place += at[d] * view.strides()[d];
    }
    return place;
  }

  /** Steps to the next element in row-major order. */
  private static void next(int[] at, int[] dims) {
    for (int d = at.length - 1; d >= 0; d--) {
      if (++at[d] < dims[d]) {
        return;
      }
      at[d] = 0;
    }
  }
}
