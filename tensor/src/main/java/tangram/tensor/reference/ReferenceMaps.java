package tangram.tensor.reference;

import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/** {@link Maps}, element by element: in double precision, or in 64-bit integers. */
final class ReferenceMaps implements Maps {
  @Override
  public void map(Formula formula, double[] parameters, View[] inputs, View y) {
    Evaluation evaluation = new Evaluation(formula.program(), parameters, inputs, y);
    int[] at = new int[y.dims().length];
    for (int i = y.size(); i > 0; i--) {
      int to = Elements.place(y, at);
      if (evaluation.real) {
        Elements.put(y, to, evaluation.realAt(at));
      } else {
        Elements.put(y, to, evaluation.integerAt(at));
      }
      Elements.next(at, y.dims());
    }
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y) {
    Evaluation evaluation = new Evaluation(formula.program(), parameters, inputs, y);
    int[] dims = inputs[0].dims();
    int[] result = new int[dims.length];
    for (int i = y.size(); i > 0; i--) {
      fold(reducer, evaluation, result, dims, y);
      Elements.next(result, y.dims());
    }
  }

  /** One result, of all elements that differ from it only in dimensions that are folded. */
  private static void fold(
      Reducer reducer, Evaluation evaluation, int[] result, int[] dims, View y) {
    int[] folded = new int[dims.length];
    int count = 1;
    for (int d = 0; d < dims.length; d++) {
      folded[d] = y.dims()[d] == 1 ? dims[d] : 1;
      count *= folded[d];
    }
    double value = reducer.identity();
    long integer = reducer.integerIdentity();
    int[] step = new int[dims.length];
    int[] at = new int[dims.length];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < dims.length; d++) {
        at[d] = result[d] + step[d];
      }
      if (evaluation.real) {
        value = reducer.combine(value, evaluation.realAt(at));
      } else {
        integer = reducer.combine(integer, evaluation.integerAt(at));
      }
      Elements.next(step, folded);
    }
    int to = Elements.place(y, result);
    if (evaluation.real) {
      Elements.put(y, to, value);
    } else {
      Elements.put(y, to, integer);
    }
  }

  /** A formula's values, one element at a time. */
  private static final class Evaluation {
    private final Program program;
    private final double[] parameters;
    private final View[] inputs;
    private final boolean real;
    private final double[] x;
    private final long[] n;
    private final double[] values;
    private final long[] integers;

    Evaluation(Program program, double[] parameters, View[] inputs, View y) {
      this.program = program;
      this.parameters = parameters;
      this.inputs = inputs;
      this.real = View.computeType(inputs, y).isReal();
      this.x = new double[inputs.length];
      this.n = new long[inputs.length];
      this.values = new double[program.steps().size()];
      this.integers = new long[program.steps().size()];
    }

    double realAt(int[] at) {
      for (int k = 0; k < x.length; k++) {
        if (inputs[k] != null) {
          x[k] = Elements.real(inputs[k], Elements.place(inputs[k], at));
        }
      }
      return program.evaluate(parameters, x, values);
    }

    long integerAt(int[] at) {
      for (int k = 0; k < n.length; k++) {
        if (inputs[k] != null) {
          n[k] = Elements.integer(inputs[k], Elements.place(inputs[k], at));
        }
      }
      return program.evaluate(parameters, n, integers);
    }
  }
}
