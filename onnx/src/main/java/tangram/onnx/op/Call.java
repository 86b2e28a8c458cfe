package tangram.onnx.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.onnx.graph.Node;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** One call of an operator: what it is given, and how its results are made. */
final class Call extends Attributes {
  private final Signature signature;
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
    super(node, version);
    this.signature = signature;
    this.inputs = inputs;
    this.bodies = bodies;
    this.frame = frame;
    this.session = frame.session();
  }

  /** The same call with other inputs. */
  Call with(OnnxData... others) {
    return new Call(node(), signature, version(), others, bodies, frame);
  }

  /** The same call without an attribute. */
  Call without(String attribute) {
    Map<String, Object> others = new HashMap<>(node().attributes());
    others.remove(attribute);
    Node other =
        new Node(node().name(), node().operator(), node().inputs(), node().outputs(), others);
    return new Call(other, signature, version(), inputs, bodies, frame);
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
    Double known = session.number(in(i).tensor());
    if (known != null) {
      return known;
    }
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

  /** The number of an input that is a constant; null where it is none, or not of one element. */
  Double constant(int i) {
    return session.number(in(i).tensor());
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
    List<String> outputs = node().outputs();
    return output < outputs.size() && !outputs.get(output).isEmpty();
  }

  /** The number of outputs that are named. */
  int outputCount() {
    return node().outputs().size();
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
}
