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
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.RecurrentOp;
import tangram.tensor.op.ResizeOptions;

/**
 * Collects the ONNX nodes of the operations that it follows in one run of a network. Operators are
 * those of opset 17. {@link OnnxMerge} makes one graph of several runs.
 *
 * <p>A tensor that nothing told of is a constant. One that was computed by an operation without an
 * ONNX form, or was written to in between, is refused where something needs it.
 */
final class OnnxGraph extends Tracer {
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
  private final OnnxOperations operations = new OnnxOperations(this);

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

  private void put(Tensor y, String name) {
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
  private boolean follows(Tensor y, Tensor... x) {
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

  private boolean isConstant(Tensor x) {
    return !names.containsKey(x) && !weightNames.containsKey(x);
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

  // What is told.

  @Override
  public void map(Formula formula, double[] numbers, Tensor[] x, Tensor y) {
    if (follows(y, read(formula, x))) {
      put(y, formula(formula, numbers, x, y.shape().dims(), y.type(), y.type()));
    }
  }

  private static Tensor[] read(Formula formula, Tensor[] x) {
    Tensor[] read = new Tensor[x.length];
    Arrays.setAll(read, i -> formula.reads(i) ? x[i] : null);
    return read;
  }

  /** The type that a formula is computed in, as {@link tangram.tensor.View#computeType} has it. */
  private static DType computeType(DType result, DType... operands) {
    DType type = result.isReal() ? DType.promote(result, DType.F32) : DType.I64;
    for (DType operand : operands) {
      type = DType.promote(type, operand);
    }
    return type.isReal() ? DType.promote(type, DType.F32) : type;
  }

  /** A formula's results of a shape, computed for a result of one type, in another. */
  private String formula(
      Formula formula, double[] numbers, Tensor[] x, int[] shape, DType result, DType to) {
    Tensor[] read = read(formula, x);
    DType[] types =
        Arrays.stream(read).filter(t -> t != null).map(Tensor::type).toArray(DType[]::new);
    DType type = computeType(result, types);
    String[] inputs = new String[x.length];
    int[] own = new int[shape.length];
    Arrays.fill(own, 1);
    for (int i = 0; i < x.length; i++) {
      if (read[i] != null) {
        inputs[i] = value(read[i], type);
        int added = shape.length - read[i].shape().rank();
        for (int d = added; d < shape.length; d++) {
          own[d] = Math.max(own[d], read[i].dim(d - added));
        }
      }
    }
    String y = new OnnxFormula(this, type, inputs, numbers).write(formula.root(), to);
    boolean whole = Arrays.equals(own, shape) && types.length > 0;
    return whole ? y : add("Expand", y, sizes(shape));
  }

  @Override
  public void fold(
      Reducer reducer, Formula formula, double[] numbers, boolean[] folded, Tensor[] x, Tensor y) {
    if (!follows(y, read(formula, x))) {
      return;
    }
    DType[] types = Arrays.stream(x).map(Tensor::type).toArray(DType[]::new);
    DType type = computeType(y.type(), types);
    int[] shape = MapOp.broadcast("fold", x).dims();
    String each = formula(formula, numbers, x, shape, y.type(), type);
    String all = reduce(reducer, each, folded, y.shape().rank() == folded.length);
    put(y, cast(all, type, y.type()));
  }

  private String reduce(Reducer reducer, String x, boolean[] folded, boolean keep) {
    int[] axes = new int[folded.length];
    int count = 0;
    for (int d = 0; d < folded.length; d++) {
      if (folded[d]) {
        axes[count++] = d;
      }
    }
    axes = Arrays.copyOf(axes, count);
    if (count == 0) {
      return x;
    }
    AttributeProto keepDims = Messages.attribute("keepdims", keep ? 1 : 0);
    if (reducer == Reducer.SUM) {
      return add("ReduceSum", List.of(x, sizes(axes)), keepDims);
    }
    String operator =
        switch (reducer) {
          case MAX -> "ReduceMax";
          case MIN -> "ReduceMin";
          default -> "ReduceProd";
        };
    return add(operator, List.of(x), Messages.attribute("axes", axes), keepDims);
  }

  @Override
  public void cascade(
      Cascade cascade,
      double[] numbers,
      int[] rows,
      Tensor[] x,
      int[][] shapes,
      int result,
      Tensor y) {
    if (!follows(y, x)) {
      return;
    }
    String[] operands = new String[cascade.operands()];
    boolean[] folded = new boolean[rows.length];
    for (int i = 0; i < x.length; i++) {
      if (x[i] != null) {
        boolean same = Arrays.equals(shapes[i], x[i].shape().dims());
        operands[i] = same ? value(x[i]) : reshape(value(x[i]), shapes[i]);
      }
    }
    for (int d = 0; d < rows.length; d++) {
      folded[d] = rows[d] == 1;
    }
    for (Cascade.Pass pass : cascade.plain().passes()) {
      String value =
          new OnnxFormula(this, y.type(), operands, numbers).write(pass.formula().root(), y.type());
      if (pass.kind() == Cascade.Kind.FOLD) {
        value = reduce(pass.reducer(), value, folded, true);
      }
      int first = pass.isOutput() ? cascade.inputs() : cascade.inputs() + cascade.outputs();
      operands[first + pass.target()] = value;
    }
    put(y, reshape(operands[result], y.shape().dims()));
  }

  @Override
  public void operation(String name, Tensor y, Tensor[] x, double... numbers) {
    boolean moves = x.length == 1 && OnnxOperations.MOVES.contains(name);
    if (moves && isConstant(x[0]) && refusal(x[0]) == null) {
      // A part of a constant is a constant.
      refused.remove(y);
      return;
    }
    if (!follows(y, x)) {
      return;
    }
    String value = operations.write(name, y, x, numbers);
    if (value == null) {
      computed(name, y);
    } else {
      put(y, value);
    }
  }

  @Override
  public void computed(String signature, Tensor y) {
    if (!names.containsKey(y)) {
      int end = signature.indexOf('(');
      String name = end < 0 ? signature : signature.substring(0, end);
      refused.putIfAbsent(y, "the operation '" + name + "' has no ONNX form here");
    }
  }

  @Override
  public void overwritten(Tensor y, Tensor[] x) {
    for (Tensor t : x) {
      if (t != null && isDependent(t)) {
        overwritten.add(memory(y));
      }
    }
  }

  private boolean isDependent(Tensor x) {
    Named named = names.get(x);
    return named != null ? dependent.contains(named.name) : refusal(x) != null;
  }

  @Override
  public void read(Tensor x) {
    if (isDependent(x)) {
      throw new IllegalArgumentException(
          "the network reads numbers of shape "
              + x.shape()
              + " that depend on its input on the host, where they cannot be followed; such a"
              + " network cannot be written as ONNX");
    }
  }

  @Override
  public void resample(Tensor x, double[][] matrices, Tensor y) {
    if (follows(y, x)) {
      put(y, operations.resample(x, matrices, y));
    }
  }

  @Override
  public void conv(
      Tensor x, Tensor weight, Tensor bias, ConvOptions options, boolean transposed, Tensor y) {
    if (follows(y, x, weight, bias)) {
      put(y, OnnxSpatial.conv(this, x, weight, bias, options, transposed));
    }
  }

  @Override
  public void batchNormInference(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor var,
      double eps,
      boolean relu,
      Tensor y) {
    if (!follows(y, x, residual, gamma, beta, mean, var)) {
      return;
    }
    String layer = layer(gamma == null ? mean : gamma, "BatchNormalization");
    int channels = x.dim(1);
    String node =
        node(
            "BatchNormalization",
            layer,
            List.of(
                value(x),
                gamma == null ? filled(1, x.type(), channels) : value(gamma),
                beta == null ? filled(0, x.type(), channels) : value(beta),
                value(mean),
                value(var)),
            List.of(Messages.attribute("epsilon", (float) eps)),
            1);
    if (residual != null) {
      node = node("Add", layer + ".add", List.of(node, value(residual)), List.of(), 1);
    }
    if (relu) {
      node = node("Relu", layer + ".relu", List.of(node), List.of(), 1);
    }
    put(y, node);
  }

  private String filled(double value, DType type, int count) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return constant(new OnnxConstant(Kind.ARRAY, type, new int[] {count}, values));
  }

  @Override
  public void maxPool(int rank, Tensor x, PoolOptions options, Tensor y) {
    if (follows(y, x)) {
      put(y, OnnxSpatial.maxPool(this, rank, x, options, y, 1)[0]);
    }
  }

  @Override
  public void maxPoolWithIndices(int rank, Tensor x, PoolOptions options, Tensor y, Tensor places) {
    if (follows(y, x) && follows(places, x)) {
      String[] both = OnnxSpatial.maxPool(this, rank, x, options, y, 2);
      put(y, both[0]);
      put(places, cast(both[1], DType.I64, places.type()));
    }
  }

  @Override
  public void averagePool(int rank, Tensor x, PoolOptions options, Tensor y) {
    if (follows(y, x) && OnnxSpatial.isAverage(rank, x, options)) {
      put(y, OnnxSpatial.averagePool(this, rank, x, options));
    }
  }

  @Override
  public void recurrent(
      RecurrentOp.Cell cell,
      Tensor x,
      Tensor state,
      Tensor memory,
      Tensor weight,
      Tensor bias,
      boolean reverse,
      Tensor y) {
    if (follows(y, x, state, memory, weight, bias)) {
      put(y, new OnnxRecurrent(this, cell, reverse).write(x, state, memory, weight, bias));
    }
  }

  @Override
  public void resize(Tensor x, double[] scales, ResizeOptions options, Tensor y) {
    if (follows(y, x) && OnnxSpatial.isResize(options)) {
      put(y, OnnxSpatial.resize(this, x, scales, options, y));
    }
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

  @Override
  public void cat(Tensor[] parts, int dim, Tensor y) {
    if (follows(y, parts)) {
      List<String> values = new ArrayList<>();
      for (Tensor part : parts) {
        values.add(value(part, y.type()));
      }
      put(y, add("Concat", values, Messages.attribute("axis", dim)));
    }
  }

  /** Whether a value depends on an input. */
  boolean isDependent(String name) {
    return dependent.contains(name);
  }
}
