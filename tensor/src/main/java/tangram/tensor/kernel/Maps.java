package tangram.tensor.kernel;

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
   * Computes a formula for every element and folds the results along some dimensions.
   *
   * @param parameters the formula's numbers
   * @param inputs all of one shape; the first is not null
   * @param y of the same rank, with a size of 1 along the dimensions that are folded
   */
  void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y);
}
