package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.OnnxConstant.Kind;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * One ONNX graph of several runs of a network with inputs of different sizes. The runs have to
 * consist of the same nodes. What differs among their numbers is computed from the sizes in the
 * graph, see {@link OnnxSizes}.
 */
final class OnnxMerge {
  private final List<OnnxGraph> runs;
  private final OnnxGraph base;
  private final List<OnnxGraph.Step> steps;
  private final OnnxSizes sizes;
  private final List<NodeProto.Builder> nodes = new ArrayList<>();

  /** Constants that were written, and how nodes find them. */
  private final Map<String, String> written = new HashMap<>();

  private final Map<String, String> same = new HashMap<>();

  /**
   * Merges runs.
   *
   * @param inputs names of the inputs
   * @param results names of the results of each run
   */
  OnnxMerge(List<OnnxGraph> runs, List<String> inputs, List<List<String>> results) {
    this.runs = runs;
    this.base = runs.get(0);
    this.steps = needed(base, results.get(0));
    for (int i = 1; i < runs.size(); i++) {
      requireSame(steps, needed(runs.get(i), results.get(i)));
      if (!results.get(i).equals(results.get(0))) {
        throw otherwise("'" + results.get(i) + "'");
      }
    }
    this.sizes = new OnnxSizes(runs, this::node);
    inputs.forEach(sizes::show);
  }

  /** The steps that results depend on. */
  private static List<OnnxGraph.Step> needed(OnnxGraph run, List<String> results) {
    Set<String> wanted = new HashSet<>(results);
    List<OnnxGraph.Step> steps = new ArrayList<>();
    for (int i = run.steps.size() - 1; i >= 0; i--) {
      OnnxGraph.Step step = run.steps.get(i);
      if (step.outputs().stream().anyMatch(wanted::contains)) {
        wanted.addAll(step.inputs());
        wanted.addAll(step.captured());
        steps.add(0, step);
      }
    }
    return steps;
  }

  private static void requireSame(List<OnnxGraph.Step> a, List<OnnxGraph.Step> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!a.get(i).equals(b.get(i))) {
        throw otherwise("the node '" + a.get(i).name() + "'");
      }
    }
    if (a.size() != b.size()) {
      throw otherwise("the number of nodes, " + a.size() + " and " + b.size());
    }
  }

  private static IllegalArgumentException otherwise(String where) {
    return new IllegalArgumentException(
        "the network computes otherwise for inputs of other sizes, as "
            + where
            + " shows; declare dimensions of the inputs as numbers");
  }

  /** Bytes of the weights that the nodes use. */
  long weightBytes() {
    return weights().values().stream().mapToLong(w -> (long) w.size() * w.type().bytes()).sum();
  }

  private Map<String, Tensor> weights() {
    Set<String> used = new LinkedHashSet<>();
    steps.forEach(step -> used.addAll(step.inputs()));
    steps.forEach(step -> used.addAll(step.captured()));
    Map<String, Tensor> weights = new LinkedHashMap<>(base.weights);
    weights.keySet().retainAll(used);
    return weights;
  }

  /** Writes the nodes; their results get the names of the outputs. */
  GraphProto.Builder build(String name, List<String> results, List<String> outputs) {
    Map<String, String> renamed = new HashMap<>();
    Set<String> made = new HashSet<>();
    steps.forEach(step -> made.addAll(step.outputs()));
    if (results.stream().noneMatch(r -> base.isDependent(r) && made.contains(r))) {
      throw new IllegalArgumentException(
          "the network computes nothing from its inputs: it returns " + results);
    }
    for (int i = 0; i < outputs.size(); i++) {
      if (made.contains(results.get(i))) {
        renamed.putIfAbsent(results.get(i), outputs.get(i));
      }
    }
    for (OnnxGraph.Step step : steps) {
      List<String> inputs = new ArrayList<>();
      for (String input : step.inputs()) {
        inputs.add(base.constants.containsKey(input) ? constant(input, step) : input);
      }
      nodes.add(
          NodeProto.newBuilder()
              .setOpType(step.operator())
              .setName(step.name())
              .addAllInput(inputs)
              .addAllAttribute(step.attributes())
              .addAllOutput(step.outputs()));
      step.outputs().forEach(sizes::show);
    }
    for (int i = 0; i < outputs.size(); i++) {
      String result = results.get(i);
      if (!outputs.get(i).equals(renamed.get(result))) {
        String from = base.constants.containsKey(result) ? constant(result, null) : result;
        nodes.add(identity(from, outputs.get(i)));
      }
    }
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
    Set<String> used = new HashSet<>();
    steps.forEach(step -> used.addAll(step.captured()));
    for (NodeProto.Builder node : nodes) {
      for (int i = 0; i < node.getInputCount(); i++) {
        node.setInput(i, renamed.getOrDefault(node.getInput(i), node.getInput(i)));
        used.add(node.getInput(i));
      }
      for (int i = 0; i < node.getOutputCount(); i++) {
        node.setOutput(i, renamed.getOrDefault(node.getOutput(i), node.getOutput(i)));
      }
      graph.addNode(node);
    }
    base.scales.forEach(
        (key, values) -> {
          if (used.contains(key)) {
            graph.addInitializer(Messages.tensor(key, values));
          }
        });
    base.weights.forEach(
        (key, weight) -> {
          if (used.contains(key)) {
            graph.addInitializer(Messages.tensor(key, weight));
          }
        });
    return graph;
  }

  private static NodeProto.Builder identity(String from, String to) {
    return NodeProto.newBuilder().setOpType("Identity").setName(to).addInput(from).addOutput(to);
  }

  private String node(NodeProto.Builder node, String wanted) {
    String name = base.unique(wanted);
    nodes.add(node.setName(name).addOutput(name));
    return name;
  }

  private String constant(String name, OnnxGraph.Step step) {
    String known = written.get(name);
    if (known == null) {
      known = write(name, step);
      written.put(name, known);
    }
    return known;
  }

  private String write(String name, OnnxGraph.Step step) {
    List<OnnxConstant> all = new ArrayList<>();
    for (OnnxGraph run : runs) {
      all.add(run.constants.get(name));
    }
    OnnxConstant first = all.get(0);
    if (all.stream().allMatch(first::isSame)) {
      return literal(first);
    }
    String where =
        step == null ? "a result" : "the node '" + step.name() + "' (" + step.operator() + ")";
    if (first.kind() == Kind.NUMBER && first.type().isReal()) {
      double[] values = all.stream().mapToDouble(c -> c.at(0)).toArray();
      return sizes.real(values, first.type(), this::literal, where);
    }
    if (first.kind() != Kind.ARRAY) {
      return integers(all, first.kind() == Kind.SHAPE, first.dims().length == 0, where);
    }
    List<OnnxConstant> shapes = new ArrayList<>();
    for (OnnxConstant c : all) {
      long[] dims = Arrays.stream(c.dims()).asLongStream().toArray();
      shapes.add(OnnxConstant.sizes(Kind.SIZES, false, dims));
    }
    boolean alike = all.stream().allMatch(c -> c.dims().length == first.dims().length);
    if (alike && all.stream().allMatch(c -> c.isUniform() && c.at(0) == first.at(0))) {
      String element = literal(OnnxConstant.number(first.at(0), first.type()));
      return node(
          NodeProto.newBuilder()
              .setOpType("Expand")
              .addInput(element)
              .addInput(integers(shapes, false, false, where)),
          "Expand");
    }
    if (alike && all.stream().allMatch(OnnxConstant::isRange)) {
      return range(all, shapes, where);
    }
    throw new IllegalArgumentException(
        "a constant of "
            + where
            + " depends on the sizes or the numbers of the inputs, which ONNX cannot be told;"
            + " declare dimensions of the inputs as numbers, if it is the sizes");
  }

  private String range(List<OnnxConstant> all, List<OnnxConstant> shapes, String where) {
    List<OnnxConstant> counts = new ArrayList<>();
    all.forEach(c -> counts.add(OnnxConstant.sizes(Kind.SIZES, true, c.size())));
    String range =
        node(
            NodeProto.newBuilder()
                .setOpType("Range")
                .addInput(literal(OnnxConstant.number(0, DType.I64)))
                .addInput(integers(counts, false, true, where))
                .addInput(literal(OnnxConstant.number(1, DType.I64))),
            "Range");
    DType type = all.get(0).type();
    if (type != DType.I64) {
      NodeProto.Builder cast = NodeProto.newBuilder().setOpType("Cast").addInput(range);
      cast.addAttribute(Messages.attribute("to", ElementType.of(type).code()));
      range = node(cast, "Cast");
    }
    String shape = integers(shapes, false, false, where);
    return node(
        NodeProto.newBuilder().setOpType("Reshape").addInput(range).addInput(shape), "Reshape");
  }

  private String literal(OnnxConstant constant) {
    String key =
        constant.size() > 64
            ? null
            : constant.type()
                + Arrays.toString(constant.dims())
                + (constant.values() instanceof long[]
                    ? Arrays.toString((long[]) constant.values())
                    : Arrays.toString((double[]) constant.values()));
    String known = key == null ? null : same.get(key);
    if (known == null) {
      NodeProto.Builder node = NodeProto.newBuilder().setOpType("Constant");
      known = node(node.addAttribute(Messages.attribute("value", constant)), "Constant");
      if (key != null) {
        same.put(key, known);
      }
    }
    return known;
  }

  /** Sizes that may follow those of the inputs. */
  private String integers(List<OnnxConstant> all, boolean isShape, boolean isScalar, String where) {
    int count = all.get(0).size();
    if (all.stream().anyMatch(c -> c.size() != count)) {
      throw otherwise(where);
    }
    String[] parts = new String[count];
    List<Integer> open = new ArrayList<>();
    int varying = 0;
    for (int i = 0; i < count; i++) {
      int at = i;
      double[] values = all.stream().mapToDouble(c -> c.at(at)).toArray();
      if (Arrays.stream(values).allMatch(v -> v == values[0])) {
        parts[i] = literal(OnnxConstant.sizes(Kind.SIZES, false, (long) values[0]));
        continue;
      }
      varying++;
      parts[i] = sizes.integer(values, this::literal);
      if (parts[i] == null) {
        open.add(i);
      }
    }
    if (isShape && varying == 1 && open.isEmpty()) {
      for (int i = 0; i < count; i++) {
        double first = all.get(0).at(i);
        int at = i;
        if (all.stream().anyMatch(c -> c.at(at) != first)) {
          open.add(i);
        }
      }
    }
    if (open.size() > (isShape ? 1 : 0)) {
      throw new IllegalArgumentException(
          "a size of "
              + where
              + " depends on those of the inputs in a way that is not known: "
              + all.stream().map(c -> (long) c.at(open.get(0))).toList()
              + "; declare dimensions of the inputs as numbers");
    }
    if (!open.isEmpty()) {
      int left = open.get(0);
      parts[left] = literal(OnnxConstant.sizes(Kind.SIZES, false, -1));
      if (varying == 1) {
        long[] values = new long[count];
        Arrays.setAll(values, i -> i == left ? -1 : (long) all.get(0).at(i));
        return literal(OnnxConstant.sizes(Kind.SIZES, false, values));
      }
    }
    NodeProto.Builder node = NodeProto.newBuilder();
    if (isScalar) {
      return node(node.setOpType("Squeeze").addInput(parts[0]), "Squeeze");
    }
    if (count == 1) {
      return parts[0];
    }
    node.setOpType("Concat").addAllInput(Arrays.asList(parts));
    return node(node.addAttribute(Messages.attribute("axis", 0)), "Concat");
  }
}
