package tangram.onnx.op;

import tangram.onnx.ElementType;
import tangram.onnx.OnnxException;
import tangram.onnx.graph.Node;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.ValueType;

/** The attributes of an operator's call, each with its default. */
abstract class Attributes {
  private final Node node;
  private final int version;

  Attributes(Node node, int version) {
    this.node = node;
    this.version = version;
  }

  Node node() {
    return node;
  }

  /** The opset that defined the operator so. */
  int version() {
    return version;
  }

  boolean hasAttribute(String name) {
    return node.attributes().containsKey(name);
  }

  private <T> T attribute(String name, Class<T> kind) {
    Object value = node.attributes().get(name);
    if (value == null) {
      return null;
    }
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          "attribute " + name + " is of another kind: " + value.getClass().getSimpleName());
    }
    return kind.cast(value);
  }

  private <T> T required(String name, Class<T> kind) {
    T value = attribute(name, kind);
    if (value == null) {
      throw new IllegalArgumentException("attribute " + name + " is missing");
    }
    return value;
  }

  long attr(String name, long otherwise) {
    Long value = attribute(name, Long.class);
    return value == null ? otherwise : value;
  }

  int attr(String name) {
    return Math.toIntExact(required(name, Long.class));
  }

  boolean flag(String name) {
    return attr(name, 0) != 0;
  }

  Float attrReal(String name) {
    return attribute(name, Float.class);
  }

  /** A seed, which some operators have as a real number and others as a whole one. */
  Long seed() {
    Object seed = node.attributes().get("seed");
    if (seed instanceof Float) {
      return (long) Float.floatToIntBits((Float) seed);
    }
    return attribute("seed", Long.class);
  }

  double attr(String name, double otherwise) {
    Float value = attribute(name, Float.class);
    return value == null ? otherwise : value;
  }

  String attr(String name, String otherwise) {
    String value = attribute(name, String.class);
    return value == null ? otherwise : value;
  }

  long[] attrLongs(String name) {
    return attribute(name, long[].class);
  }

  int[] attrInts(String name, int... otherwise) {
    long[] value = attribute(name, long[].class);
    return value == null ? otherwise : Call.toInts(value);
  }

  /** Axes by an attribute, or others where it is left out. */
  long[] axesOr(String name, long... otherwise) {
    long[] value = attrLongs(name);
    return value == null ? otherwise : value;
  }

  float[] attrFloats(String name) {
    return attribute(name, float[].class);
  }

  String[] attrTexts(String name) {
    return attribute(name, String[].class);
  }

  TensorData attrTensor(String name) {
    return attribute(name, TensorData.class);
  }

  ValueType attrType(String name) {
    return attribute(name, ValueType.class);
  }

  /** The element type that an attribute numbers. */
  ElementType attrElement(String name, ElementType otherwise) {
    Long code = attribute(name, Long.class);
    if (code == null) {
      return otherwise;
    }
    ElementType type = ElementType.of(code);
    if (type == null || type.storage() == null) {
      throw refuse("elements of type " + (type == null ? code : type) + " are not known");
    }
    return type;
  }

  /** That the model asks for something that is not computed here. */
  OnnxException.Unsupported refuse(String why) {
    return new OnnxException.Unsupported(
        "Operator %s of opset %s, in node '%s', is not supported: %s."
            .formatted(node.operator(), version, node.name(), why));
  }
}
