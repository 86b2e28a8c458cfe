package tangram.onnx.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxException;
import tangram.onnx.OnnxTensor;
import tangram.onnx.graph.Node;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.ValueType;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** One call of an operator: what it is given, and how its results are made. */
final class Call {
  private final Node node;
  private final Signature signature;
  private final int version;
  private final OnnxData[] inputs;
  private final Map<String, Program> bodies;
  private final Frame frame;
  private final Session session;

  Call(
      Node node,
      Signature signature,
      int version,
      OnnxData[] inputs,
      Map<String, Program> bodies,
      Frame frame) {
    this.node = node;
    this.signature = signature;
    this.version = version;
    this.inputs = inputs;
    this.bodies = bodies;
    this.frame = frame;
    this.session = frame.session();
  }

  /** The same call with other inputs. */
  Call with(OnnxData... others) {
    return new Call(node, signature, version, others, bodies, frame);
  }

  /** The same call without an attribute. */
  Call without(String attribute) {
    Map<String, Object> others = new java.util.HashMap<>(node.attributes());
    others.remove(attribute);
    Node other = new Node(node.name(), node.operator(), node.inputs(), node.outputs(), others);
    return new Call(other, signature, version, inputs, bodies, frame);
  }

  /** The opset that defined the operator so. */
  int version() {
    return version;
  }

  Session session() {
    return session;
  }

  Device host() {
    return session.host();
  }

  // Inputs.

  OnnxData[] inputs() {
    return inputs;
  }

  /** The number of inputs that are named. */
  int count() {
    return inputs.length;
  }

  boolean has(int i) {
    return i < inputs.length && inputs[i] != null;
  }

  OnnxData data(int i) {
    if (!has(i)) {
      throw new IllegalArgumentException("input " + name(i) + " is missing");
    }
    return inputs[i];
  }

  private String name(int i) {
    return signature == null ? Integer.toString(i) : signature.input(i);
  }

  OnnxTensor in(int i) {
    OnnxData value = data(i);
    if (!(value instanceof OnnxTensor)) {
      throw new IllegalArgumentException("input " + name(i) + " is no tensor");
    }
    return (OnnxTensor) value;
  }

  /** An input where it lives; null where it is left out. */
  Tensor t(int i) {
    return has(i) ? in(i).tensor() : null;
  }

  ElementType type(int i) {
    return in(i).type();
  }

  int rank(int i) {
    return in(i).tensor().shape().rank();
  }

  /**
   * An input of real numbers, to compute with: the short ones in single precision; null where it is
   * left out.
   */
  Tensor real(int i) {
    if (!has(i)) {
      return null;
    }
    if (!type(i).isReal()) {
      throw refuse("its input " + name(i) + " is of type " + type(i));
    }
    return precise(t(i));
  }

  /** As a number to compute with: single precision for the short ones. */
  static Tensor precise(Tensor x) {
    return x.type() == DType.F16 || x.type() == DType.BF16 ? x.to(DType.F32) : x;
  }

  /**
   * An input in the order of its elements: those of UINT64 moved by 2^63, as {@link #unordered}.
   */
  Tensor ordered(int i) {
    Tensor x = precise(t(i));
    return type(i) == ElementType.UINT64 ? x.add(Long.MIN_VALUE) : x;
  }

  /** Elements of an {@linkplain #ordered ordered} input as a result. */
  OnnxTensor unordered(int i, Tensor x) {
    return like(i, type(i) == ElementType.UINT64 ? x.add(Long.MIN_VALUE) : x);
  }

  /** Whole numbers of an input, on the host. */
  long[] longs(int i) {
    return in(i).longs();
  }

  /** Whole numbers of an input, as sizes or axes. */
  int[] ints(int i) {
    return toInts(longs(i));
  }

  static int[] toInts(long[] values) {
    // Bounds such as the largest long mean "to the end".
    return Arrays.stream(values)
        .mapToInt(v -> (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, v)))
        .toArray();
  }

  /** The only number of an input. */
  double number(int i) {
    double[] values = in(i).doubles();
    if (values.length != 1) {
      throw new IllegalArgumentException(
          "input " + name(i) + " is one number, not a tensor of shape " + in(i).tensor().shape());
    }
    return values[0];
  }

  /** The only number of an input, or another where it is left out. */
  double number(int i, double otherwise) {
    return has(i) ? number(i) : otherwise;
  }

  /** The only whole number of an input. */
  long integer(int i) {
    long[] values = longs(i);
    if (values.length != 1) {
      throw new IllegalArgumentException(
          "input " + name(i) + " is one number, not a tensor of shape " + in(i).tensor().shape());
    }
    return values[0];
  }

  /** A dimension, counted from the end where negative. */
  int axis(long axis, int rank) {
    if (axis < -rank || axis >= Math.max(1, rank)) {
      throw new IllegalArgumentException("there is no axis " + axis + " of " + rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Dimensions, counted from the end where negative. */
  int[] axes(long[] axes, int rank) {
    return Arrays.stream(axes).mapToInt(a -> axis(a, rank)).toArray();
  }

  // Attributes.

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
    return value == null ? otherwise : toInts(value);
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

  // Subgraphs.

  Program body(String name) {
    Program body = bodies.get(name);
    if (body == null) {
      throw new IllegalArgumentException("attribute " + name + " is missing");
    }
    return body;
  }

  OnnxData[] run(Program body, OnnxData... given) {
    return body.run(given, frame);
  }

  /**
   * Releases what one iteration of a graph handed to the next, but for what has a name elsewhere or
   * is among the results.
   */
  void release(OnnxData[] state, OnnxData[] results) {
    Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    Frame.tensors(List.of(results), kept);
    Set<Tensor> old = Collections.newSetFromMap(new IdentityHashMap<>());
    Frame.tensors(List.of(state), old);
    for (Tensor tensor : old) {
      if (!kept.contains(tensor) && !session.isPersistent(tensor) && !frame.knows(tensor)) {
        tensor.release();
      }
    }
  }

  // Results.

  /** Whether an output is wanted. */
  boolean wants(int output) {
    List<String> outputs = node.outputs();
    return output < outputs.size() && !outputs.get(output).isEmpty();
  }

  /** The number of outputs that are named. */
  int outputCount() {
    return node.outputs().size();
  }

  /** A result of a type, converted to how its elements are kept, where they live. */
  OnnxTensor result(ElementType type, Tensor tensor) {
    return new OnnxTensor(type, tensor.to(type.storage()).to(session.home(type)));
  }

  /** A result of host numbers. */
  OnnxTensor result(ElementType type, Object array, int... dims) {
    return OnnxTensor.of(session.home(type), type, array, dims);
  }

  /** A result of the type of an input, whose texts it shares. */
  OnnxTensor like(int i, Tensor tensor) {
    OnnxTensor model = in(i);
    return model.texts() == null
        ? result(model.type(), tensor)
        : new OnnxTensor(model.type(), tensor, model.texts());
  }

  /** A result of whole numbers that the type may be too short for: the lowest bits. */
  OnnxTensor wrapped(ElementType type, Tensor tensor) {
    if (!type.isNarrow()) {
      return result(type, tensor);
    }
    double count = Math.scalb(1.0, type.bits());
    double least = type.least();
    return result(
        type, least == 0 ? tensor.remainder(count) : tensor.sub(least).remainder(count).add(least));
  }

  /**
   * Tensors on one device: the model's if all are there, else the CPU.
   *
   * @param tensors null is allowed
   */
  Tensor[] together(Tensor... tensors) {
    boolean all = true;
    for (Tensor tensor : tensors) {
      all &= tensor == null || tensor.device() == session.device();
    }
    Device where = all ? session.device() : session.host();
    Tensor[] moved = new Tensor[tensors.length];
    Arrays.setAll(moved, i -> tensors[i] == null ? null : tensors[i].to(where));
    return moved;
  }

  /** An input of indices beside a tensor, in the integers of its device, negative ones counted. */
  Tensor indices(int i, Tensor beside, int length) {
    OnnxTensor index = in(i);
    long[] values = index.longs();
    boolean plain = true;
    for (long value : values) {
      if (value < -length || value >= length) {
        throw new IllegalArgumentException(
            "index " + value + " of input " + name(i) + " is outside a dimension of " + length);
      }
      plain &= value >= 0;
    }
    if (plain && index.tensor().device() == beside.device()) {
      return index.tensor();
    }
    for (int k = 0; k < values.length; k++) {
      values[k] += values[k] < 0 ? length : 0;
    }
    return OnnxTensor.of(
            beside.device(),
            beside.device().has(DType.I64) ? ElementType.INT64 : ElementType.INT32,
            values,
            index.dims())
        .tensor();
  }

  /** That the model asks for something that is not computed here. */
  OnnxException.Unsupported refuse(String why) {
    return new OnnxException.Unsupported(
        "Operator %s of opset %s, in node '%s', is not supported: %s."
            .formatted(node.operator(), version, node.name(), why));
  }
}
