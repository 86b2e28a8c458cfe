package tangram.onnx.graph;

import java.util.List;
import tangram.onnx.ElementType;

/**
 * What a graph declares of an input or output.
 *
 * @param name of the value
 * @param kind {@code tensor}, {@code seq}, {@code optional} or empty where nothing is said
 * @param element the type of elements of a tensor, or of the tensors in it; null where unknown
 * @param dims of a tensor: numbers, names or {@code ?}; null where nothing is said
 */
public record ValueType(String name, String kind, ElementType element, List<String> dims) {
  @Override
  public String toString() {
    String type = element == null ? "?" : element.toString();
    String shape = dims == null ? "" : dims.toString();
    return kind.isEmpty() || kind.equals("tensor") ? type + shape : kind + "(" + type + shape + ")";
  }
}
