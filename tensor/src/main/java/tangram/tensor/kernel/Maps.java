package tangram.tensor.kernel;

import tangram.tensor.View;
import tangram.tensor.expr.Formula;

/** Formulas over elements, and sums of them. */
public interface Maps {
  /**
   * Computes a formula for every element.
   *
   * @param inputs one view for each of the formula's arrays, all of the shape of y (repeated by
   *     strides of 0); null for an array that the formula does not read
   * @param y receives the results; may be one of the inputs, element by element, and must not
   *     overlap them otherwise
   */
  void map(Formula formula, View[] inputs, View y);

  /**
   * Computes a formula for every element and reduces the results along some dimensions.
   *
   * @param inputs all of one shape
   * @param y of the same rank, with a size of 1 along the dimensions that are reduced
   */
  void reduce(Reducer reducer, Formula formula, View[] inputs, View y);
}
