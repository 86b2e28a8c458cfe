package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.OnnxConstant.Kind;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/**
 * The ONNX nodes of one run of a network, and the names of its tensors. {@link OnnxTracer} adds
 * nodes for what the network computes; {@link OnnxMerge} makes one graph of several runs.
 *
 * <p>A tensor that nothing told of is a constant. One that was computed by an operation without an
 * ONNX form, or was written to in between, is refused where something needs it.
 */
abstract class OnnxGraph extends Tracer {
  /**
   * A node.
   *
   * @param captured values that a graph inside it reads
   */
  record Step(
      String operator,
      String name,
      List<String> inputs,
      List<String> captured,
      List<AttributeProto> attributes,
      List<String> outputs) {}

  /** What a tensor is called, as long as nobody writes to it. */
  private record Named(String name, int version) {}

  private final Map<Tensor, String> weightNames = new IdentityHashMap<>();
  private final Map<Tensor, Named> names = new IdentityHashMap<>();

  /** Tensors that nobody can ask for, and why. */
  private final Map<Tensor, String> refused = new IdentityHashMap<>();

  private final Set<Object> overwritten = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<String> usedNames = new HashSet<>();

  /** Values that depend on an input. */
  private final Set<String> dependent = new HashSet<>();

  final Map<String, int[]> dims = new LinkedHashMap<>();
  final Map<String, Tensor> weights = new LinkedHashMap<>();
  final Map<String, OnnxConstant> constants = new LinkedHashMap<>();
  final Map<String, float[]> scales = new LinkedHashMap<>();
  List<Step> steps = new ArrayList<>();

  /**
   * Creates a graph without nodes.
   *
   * @param weights what nodes may use beside the inputs, by name
   */
  OnnxGraph(Map<String, Tensor> weights, List<OnnxValue> inputs, Tensor[] x, List<OnnxValue> to) {
    weights.forEach((name, tensor) -> weightNames.put(tensor, name));
    usedNames.addAll(weights.keySet());
    to.forEach(output -> usedNames.add(output.name()));
    for (int i = 0; i < x.length; i++) {
      String name = inputs.get(i).name();
      usedNames.add(name);
      dependent.add(name);
      put(x[i], name);
    }
  }

  // Values.

  final void put(Tensor y, String name) {
    names.put(y, new Named(name, version(y)));
    dims.putIfAbsent(name, y.shape().dims());
  }

  /** Why a tensor has no name, or null. */
  private String refusal(Tensor x) {
    Named named = names.get(x);
    if (named != null && !x.isReleased() && named.version != version(x)) {
      return "it was overwritten in between";
    }
    if (named != null || weightNames.containsKey(x)) {
      return null;
    }
    String why = refused.get(x);
    if (why == null && !x.isReleased() && overwritten.contains(memory(x))) {
      return "it was written in place; compute a new tensor instead";
    }
    return why;
  }

  /** Whether results of these operands can be written; otherwise y cannot either. */
  final boolean follows(Tensor y, Tensor... x) {
    for (Tensor t : x) {
      String why = t == null ? null : refusal(t);
      if (why != null) {
        names.remove(y);
        refused.putIfAbsent(y, why);
        return false;
      }
    }
    return true;
  }

  /** Whether a tensor is nothing that an operation with a name computed, nor a weight. */
  final boolean isConstant(Tensor x) {
    return !names.containsKey(x) && !weightNames.containsKey(x) && refusal(x) == null;
  }

  /** Refuses a tensor without a name, if something asks for it. */
  final void refuse(Tensor y, String why) {
    if (!names.containsKey(y)) {
      refused.putIfAbsent(y, why);
    }
  }

  /** Takes a refusal back. */
  final void allow(Tensor y) {
    refused.remove(y);
  }

  /** Refuses all tensors in the memory of one that was written in place. */
  final void refuseMemory(Tensor y) {
    overwritten.add(memory(y));
  }

  /**
   * The name of an operand; a weight or constant becomes a part of the graph when it is first used.
   */
  String value(Tensor x) {
    String why = refusal(x);
    if (why != null) {
      throw new IllegalArgumentException(
          "a tensor of shape " + x.shape() + " cannot be written as ONNX: " + why);
    }
    Named named = names.get(x);
    if (named != null) {
      return named.name;
    }
    String weight = weightNames.get(x);
    if (weight != null) {
      weights.put(weight, x);
      return weight;
    }
    String name = constant(OnnxConstant.of(x));
    names.put(x, new Named(name, version(x)));
    return name;
  }

  /** The name of an operand in a type. */
  String value(Tensor x, DType type) {
    return cast(value(x), x.type(), type);
  }

  String constant(OnnxConstant constant) {
    String name = unique("value");
    constants.put(name, constant);
    return name;
  }

  /** Sizes or places, which may follow the sizes of the inputs. */
  String sizes(long... values) {
    return constant(OnnxConstant.sizes(Kind.SIZES, false, values));
  }

  String size(long value) {
    return constant(OnnxConstant.sizes(Kind.SIZES, true, value));
  }

  String sizes(int... values) {
    return sizes(Arrays.stream(values).asLongStream().toArray());
  }

  String number(double value, DType type) {
    return constant(OnnxConstant.number(value, type));
  }

  // Nodes.

  String unique(String wanted) {
    String name = wanted;
    for (int i = 1; !usedNames.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Adds a node; returns its name, which is that of its output too. */
  String add(String operator, String... inputs) {
    return node(operator, operator, List.of(inputs), List.of(), 1);
  }

  String add(String operator, List<String> inputs, AttributeProto... attributes) {
    return node(operator, operator, inputs, List.of(attributes), 1);
  }

  String node(
      String operator,
      String wanted,
      List<String> inputs,
      List<AttributeProto> attributes,
      int outputs) {
    return node(operator, wanted, inputs, List.of(), attributes, outputs);
  }

  String node(
      String operator,
      String wanted,
      List<String> inputs,
      List<String> captured,
      List<AttributeProto> attributes,
      int outputs) {
    String name = unique(wanted);
    List<String> all = new ArrayList<>(List.of(name));
    for (int i = 1; i < outputs; i++) {
      all.add(unique(name + "." + i));
    }
    steps.add(
        new Step(operator, name, List.copyOf(inputs), captured, List.copyOf(attributes), all));
    if (inputs.stream().anyMatch(dependent::contains)) {
      dependent.addAll(all);
    }
    return name;
  }

  String cast(String value, DType from, DType to) {
    return from == to
        ? value
        : add("Cast", List.of(value), Messages.attribute("to", ElementType.of(to).code()));
  }

  String reshape(String value, int... to) {
    long[] sizes = Arrays.stream(to).asLongStream().toArray();
    String shape = constant(OnnxConstant.sizes(Kind.SHAPE, false, sizes));
    // Otherwise a 0 would stand for the size that was.
    return Arrays.stream(to).anyMatch(d -> d == 0)
        ? add("Reshape", List.of(value, shape), Messages.attribute("allowzero", 1))
        : add("Reshape", value, shape);
  }

  /** The layer that a weight belongs to, such as {@code conv1} for {@code conv1.weight}. */
  String layer(Tensor weight, String otherwise) {
    String name = weightNames.getOrDefault(weight, "");
    int dot = name.lastIndexOf('.');
    return dot < 0 ? otherwise : name.substring(0, dot);
  }

  String filled(double value, DType type, int count) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return constant(new OnnxConstant(Kind.ARRAY, type, new int[] {count}, values));
  }

  /** The name of an initializer of scales. */
  String scales(String wanted, float[] values) {
    for (Map.Entry<String, float[]> known : scales.entrySet()) {
      if (Arrays.equals(known.getValue(), values)) {
        return known.getKey();
      }
    }
    String name = unique(wanted);
    scales.put(name, values);
    return name;
  }

  /** Whether a value depends on an input. */
  boolean isDependent(String name) {
    return dependent.contains(name);
  }

  boolean isDependent(Tensor x) {
    Named named = names.get(x);
    return named != null ? dependent.contains(named.name) : refusal(x) != null;
  }
}
