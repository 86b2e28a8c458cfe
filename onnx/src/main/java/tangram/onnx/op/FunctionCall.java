package tangram.onnx.op;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.onnx.OnnxException;
import tangram.onnx.graph.Function;
import tangram.onnx.graph.Graph;
import tangram.onnx.graph.Node;

/** What a call of a model's function stands for. */
final class FunctionCall {
  private FunctionCall() {}

  /**
   * The function's nodes, with the call's attributes in place of references to them.
   *
   * @throws OnnxException.Unsupported if the function does not have what the call gives
   */
  static List<Node> nodes(Function function, Node call) {
    Map<String, Object> attributes = new HashMap<>(function.defaults());
    for (Map.Entry<String, Object> attribute : call.attributes().entrySet()) {
      if (!function.required().contains(attribute.getKey())
          && !function.defaults().containsKey(attribute.getKey())) {
        throw new OnnxException.Unsupported(
            "Function %s, in node '%s', is not supported: its attribute '%s' is not known."
                .formatted(function.operator(), call.name(), attribute.getKey()));
      }
      attributes.put(attribute.getKey(), attribute.getValue());
    }
    if (call.inputs().size() > function.inputs().size()
        || call.outputs().size() > function.outputs().size()) {
      throw new OnnxException.Unsupported(
          "Function %s, in node '%s', has fewer inputs or outputs than are given."
              .formatted(function.operator(), call.name()));
    }
    return function.nodes().stream().map(node -> substitute(node, attributes)).toList();
  }

  /** A node with a function's attributes in place of references to them. */
  private static Node substitute(Node node, Map<String, Object> attributes) {
    Map<String, Object> own = new LinkedHashMap<>();
    node.attributes()
        .forEach(
            (name, value) -> {
              Object given = value;
              if (value instanceof Node.Reference) {
                given = attributes.get(((Node.Reference) value).name());
              } else if (value instanceof Graph) {
                Graph graph = (Graph) value;
                given =
                    new Graph(
                        graph.name(),
                        graph.nodes().stream().map(n -> substitute(n, attributes)).toList(),
                        graph.initializers(),
                        graph.inputs(),
                        graph.outputs());
              }
              if (given != null) {
                own.put(name, given);
              }
            });
    return new Node(node.name(), node.operator(), node.inputs(), node.outputs(), own);
  }
}
