package tangram.nn.onnx;

import java.util.List;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * The messages of ONNX that a model needs, with their field numbers. Source: <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxProto {
  /** TensorProto.DataType.FLOAT. */
  private static final int FLOAT = 1;

  private OnnxProto() {}

  /** ModelProto, but for its metadata. */
  static ProtoMessage model(
      int irVersion, int opset, String producer, String documentation, ProtoMessage graph) {
    return new ProtoMessage()
        .integer(1, irVersion)
        .text(2, producer)
        .text(6, documentation)
        .message(7, graph)
        // OperatorSetIdProto: the domain that is not named is ONNX's own.
        .message(8, new ProtoMessage().integer(2, opset));
  }

  /** Adds a StringStringEntryProto to ModelProto.metadata_props. */
  static void putMetadata(ProtoMessage model, String key, String value) {
    model.message(14, new ProtoMessage().text(1, key).text(2, value));
  }

  /** GraphProto. */
  static ProtoMessage graph(
      String name,
      List<ProtoMessage> nodes,
      List<ProtoMessage> initializers,
      ProtoMessage input,
      ProtoMessage output) {
    ProtoMessage graph = new ProtoMessage();
    nodes.forEach(node -> graph.message(1, node));
    graph.text(2, name);
    initializers.forEach(tensor -> graph.message(5, tensor));
    return graph.message(11, input).message(12, output);
  }

  /** NodeProto with one output. */
  static ProtoMessage node(
      String operator,
      String name,
      List<String> inputs,
      String output,
      List<ProtoMessage> attributes) {
    ProtoMessage node = new ProtoMessage();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(3, name).text(4, operator);
    attributes.forEach(attribute -> node.message(5, attribute));
    return node;
  }

  /** AttributeProto of a real number. */
  static ProtoMessage attribute(String name, float value) {
    return new ProtoMessage().text(1, name).real(2, value).integer(20, 1);
  }

  /** AttributeProto of an integer. */
  static ProtoMessage attribute(String name, int value) {
    return new ProtoMessage().text(1, name).integer(3, value).integer(20, 2);
  }

  /** AttributeProto of a string. */
  static ProtoMessage attribute(String name, String value) {
    return new ProtoMessage().text(1, name).text(4, value).integer(20, 3);
  }

  /** AttributeProto of a list of integers. */
  static ProtoMessage attribute(String name, int... values) {
    ProtoMessage attribute = new ProtoMessage().text(1, name);
    for (int value : values) {
      attribute.integer(8, value);
    }
    return attribute.integer(20, 7);
  }

  /** TensorProto; the elements are read when the model is written. */
  static ProtoMessage tensor(String name, Tensor tensor) {
    return head(name, tensor.shape()).floats(9, tensor.size(), tensor::toFloats);
  }

  /** TensorProto of one dimension. */
  static ProtoMessage tensor(String name, float... values) {
    return head(name, Shape.of(values.length)).floats(9, values.length, () -> values);
  }

  private static ProtoMessage head(String name, Shape shape) {
    ProtoMessage tensor = new ProtoMessage();
    for (int dim : shape.dims()) {
      tensor.integer(1, dim);
    }
    return tensor.integer(2, FLOAT).text(8, name);
  }

  /** ValueInfoProto, with TypeProto.Tensor and TensorShapeProto within. */
  static ProtoMessage value(OnnxValue value) {
    ProtoMessage shape = new ProtoMessage();
    for (String dim : value.dims()) {
      ProtoMessage dimension = new ProtoMessage();
      shape.message(
          1,
          OnnxValue.isNumber(dim)
              ? dimension.integer(1, Long.parseLong(dim))
              : dimension.text(2, dim));
    }
    ProtoMessage type = new ProtoMessage().integer(1, FLOAT).message(2, shape);
    return new ProtoMessage()
        .text(1, value.name())
        .message(2, new ProtoMessage().message(1, type))
        .text(3, value.documentation());
  }
}
