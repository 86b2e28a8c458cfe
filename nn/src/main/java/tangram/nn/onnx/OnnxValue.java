package tangram.nn.onnx;

import java.util.List;
import tangram.tensor.Shape;

/**
 * An input or output of an ONNX model, of single-precision numbers.
 *
 * @param name by which programs feed or fetch it
 * @param documentation what it holds
 * @param dims each a number, or the name of a dimension that may have any size
 */
public record OnnxValue(String name, String documentation, List<String> dims) {
  /** Copies the list. */
  public OnnxValue {
    dims = List.copyOf(dims);
  }

  /**
   * Checks that a tensor can be this value.
   *
   * @throws IllegalArgumentException if not
   */
  void requireFit(Shape shape) {
    boolean fits = shape.rank() == dims.size();
    for (int i = 0; fits && i < dims.size(); i++) {
      fits = !isNumber(dims.get(i)) || Integer.parseInt(dims.get(i)) == shape.dim(i);
    }
    if (!fits) {
      throw new IllegalArgumentException("'" + name + "' is " + shape + " instead of " + dims);
    }
  }

  static boolean isNumber(String dim) {
    return dim.matches("\\d+");
  }
}
