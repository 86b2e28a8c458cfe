package tangram.onnx.graph;

import java.util.List;
import java.util.Map;

/**
 * An operator in a graph.
 *
 * @param name of the node, or what stands for it in messages
 * @param operator its name, after that of a domain other than ONNX's and a dot
 * @param inputs names; empty where one is left out
 * @param outputs names; empty where one is not wanted
 * @param attributes {@code Long}, {@code Float}, {@code String}, {@code long[]}, {@code float[]},
 *     {@code String[]}, {@link TensorData}, {@link Graph}, {@link ValueType} or {@link Reference}
 */
public record Node(
    String name,
    String operator,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes) {
  /** In a function, an attribute that is one of the function's. */
  public record Reference(String name) {}
}
