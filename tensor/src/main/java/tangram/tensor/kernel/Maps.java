package tangram.tensor.kernel;

import java.util.List;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;

/**
 * Formulas over elements, and folds of them. What is computed in follows from the types: double
 * precision if one of the views has it, else single precision if one holds real numbers, else
 * 64-bit integers. Results are converted to the type of the output: truncated to integers, compared
 * with 0 for booleans.
 */
public interface Maps {
  /**
   * Computes a formula for every element.
   *
   * @param parameters the formula's numbers
   * @param inputs one view for each of the formula's arrays, all of the shape of y (repeated by
   *     strides of 0); null for an array that the formula does not read
   * @param y receives the results; may be one of the inputs, element by element, and must not
   *     overlap them otherwise
   */
  void map(Formula formula, double[] parameters, View[] inputs, View y);

  /**
   * A call of {@link #map}.
   *
   * @param parameters see there
   */
  record Call(Formula formula, double[] parameters, View[] inputs, View y) {}

  /**
   * Makes several calls of {@link #map}, in sequences: the calls of a sequence in their order. No
   * sequence writes what another reads or writes, so a device may do all sequences at once.
   */
  default void mapAll(List<List<Call>> sequences) {
    for (List<Call> sequence : sequences) {
      for (Call call : sequence) {
        map(call.formula, call.parameters, call.inputs, call.y);
      }
    }
  }

  /**
   * Computes a formula for every element and folds the results along some dimensions.
   *
   * @param parameters the formula's numbers
   * @param inputs all of one shape; the first is not null
   * @param y of the same rank, with a size of 1 along the dimensions that are folded
   */
  void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y);

  /**
   * Computes a {@linkplain Cascade cascade}. This is its meaning; a device that can keep a row in
   * its cache does better.
   *
   * @param parameters the numbers of all formulas
   * @param inputs all of one shape; null where no formula reads one; the first is not null
   * @param outputs of that shape, but for {@linkplain Cascade.Kind#ACROSS sums over all rows}
   * @param rows room for each row value, with a size of 1 along the dimensions that are folded
   */
  default void cascade(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rows) {
    int[] dims = inputs[0].dims();
    View[] operands = new View[cascade.operands()];
    System.arraycopy(inputs, 0, operands, 0, inputs.length);
    System.arraycopy(outputs, 0, operands, inputs.length, outputs.length);
    for (int k = 0; k < rows.length; k++) {
      operands[inputs.length + outputs.length + k] = rows[k].expand(dims);
    }
    View[] ofRows = new View[operands.length];
    for (int i = 0; i < operands.length; i++) {
      View v = operands[i];
      ofRows[i] = v == null ? null : v.with(v.offset(), rows[0].dims(), v.strides());
    }
    for (Cascade.Pass pass : cascade.plain().passes()) {
      switch (pass.kind()) {
        case FOLD ->
            reduce(
                pass.reducer(),
                pass.formula(),
                parameters,
                read(pass.formula(), operands),
                rows[pass.target()]);
        case ROW ->
            map(pass.formula(), parameters, read(pass.formula(), ofRows), rows[pass.target()]);
        case MAP ->
            map(pass.formula(), parameters, read(pass.formula(), operands), outputs[pass.target()]);
        case ACROSS ->
            reduce(
                Reducer.SUM,
                pass.formula(),
                parameters,
                read(pass.formula(), operands),
                outputs[pass.target()]);
        default -> throw new IllegalArgumentException(pass.kind() + " in a plain cascade");
      }
    }
  }

  /** The views that a formula reads; the first in any case. */
  private static View[] read(Formula formula, View[] operands) {
    View[] read = operands.clone();
    for (int i = 1; i < read.length; i++) {
      read[i] = formula.reads(i) ? read[i] : null;
    }
    return read;
  }
}
