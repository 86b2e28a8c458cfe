package tangram.onnx.graph;

import java.util.List;
import java.util.Map;

/**
 * Nodes in order.
 *
 * @param initializers constants and weights by name
 * @param inputs declared, those with an initializer included
 */
public record Graph(
    String name,
    List<Node> nodes,
    Map<String, TensorData> initializers,
    List<ValueType> inputs,
    List<ValueType> outputs) {
  /** Names of inputs that have no initializer. */
  public List<String> required() {
    return inputs.stream().map(ValueType::name).filter(n -> !initializers.containsKey(n)).toList();
  }
}
