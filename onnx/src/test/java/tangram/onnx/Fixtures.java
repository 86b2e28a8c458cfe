package tangram.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.AttributeProto.AttributeType;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.TypeProto;
import tangram.onnx.Onnx.ValueInfoProto;
import tangram.tensor.Device;

/** Models of few nodes, and values of JSON files. */
final class Fixtures {
  private Fixtures() {}

  static JsonNode json(String resource) {
    try (InputStream in = Fixtures.class.getResourceAsStream(resource)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path resource(String name) {
    try {
      return Path.of(Fixtures.class.getResource(name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static NodeProto.Builder node(String operator, String inputs, String outputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator);
    for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ")) {
      node.addInput(input.equals("-") ? "" : input);
    }
    for (String output : outputs.split(" ")) {
      node.addOutput(output);
    }
    return node;
  }

  static ValueInfoProto value(String name, ElementType type) {
    TypeProto.Builder declared = TypeProto.newBuilder();
    if (type != null) {
      declared.getTensorTypeBuilder().setElemType(type.code());
    }
    return ValueInfoProto.newBuilder().setName(name).setType(declared).build();
  }

  static ModelProto.Builder model(int opset, GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph);
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setI(value).setType(AttributeType.INT).build();
  }

  /** An attribute of a number, a text or a list of whole numbers. */
  static AttributeProto of(String name, JsonNode value) {
    if (value.isTextual()) {
      return Messages.attribute(name, value.asText());
    }
    if (value.isArray()) {
      int[] ints = new int[value.size()];
      for (int i = 0; i < ints.length; i++) {
        ints[i] = value.get(i).asInt();
      }
      return Messages.attribute(name, ints);
    }
    return value.isIntegralNumber()
        ? attribute(name, value.asLong())
        : Messages.attribute(name, value.floatValue());
  }

  /** A value {type, dims, values}. */
  static OnnxTensor tensor(Device host, JsonNode value) {
    ElementType type = null;
    for (ElementType t : ElementType.values()) {
      type = t.toString().equals(value.get("type").asText()) ? t : type;
    }
    int[] dims = new int[value.get("dims").size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = value.get("dims").get(i).asInt();
    }
    JsonNode values = value.get("values");
    if (type == ElementType.STRING) {
      String[] texts = new String[values.size()];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = values.get(i).asText();
      }
      return OnnxTensor.of(host, texts, dims);
    }
    if (type.isInteger() || type == ElementType.BOOL) {
      long[] longs = new long[values.size()];
      for (int i = 0; i < longs.length; i++) {
        JsonNode v = values.get(i);
        longs[i] = v.isBoolean() ? (v.asBoolean() ? 1 : 0) : new BigInteger(v.asText()).longValue();
      }
      return OnnxTensor.of(host, type, longs, dims);
    }
    double[] doubles = new double[values.size()];
    for (int i = 0; i < doubles.length; i++) {
      JsonNode v = values.get(i);
      doubles[i] =
          v.isTextual()
              ? Double.parseDouble(v.asText().replace("inf", "Infinity").replace("nan", "NaN"))
              : v.asDouble();
    }
    return OnnxTensor.of(host, type, doubles, dims);
  }
}
