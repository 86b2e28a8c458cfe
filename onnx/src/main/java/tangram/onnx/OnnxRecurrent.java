package tangram.onnx;

import java.util.ArrayList;
import java.util.List;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.Onnx.TypeProto;
import tangram.onnx.Onnx.ValueInfoProto;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.RecurrentOp;

/** Recurrent networks as the operator Scan, whose graph inside is a step of the cell. */
final class OnnxRecurrent {
  private final OnnxGraph graph;
  private final RecurrentOp.Cell cell;
  private final boolean reverse;

  OnnxRecurrent(OnnxGraph graph, RecurrentOp.Cell cell, boolean reverse) {
    this.graph = graph;
    this.cell = cell;
    this.reverse = reverse;
  }

  /** Writes {@link RecurrentOp#recurrent}; returns the name of its result. */
  String write(Tensor x, Tensor state, Tensor memory, Tensor weight, Tensor bias) {
    DType type = x.type();
    String input = graph.value(x);
    String turned =
        graph.add("Transpose", List.of(graph.value(weight)), Messages.attribute("perm", 1, 0));
    String shift = bias == null ? null : graph.value(bias);
    if (shift != null && !cell.isSeparate()) {
      input = graph.add("Add", input, shift);
      shift = null;
    }
    List<String> starts = new ArrayList<>(List.of(graph.value(state)));
    if (memory != null) {
      starts.add(graph.value(memory));
    }
    List<String> captured = new ArrayList<>(List.of(turned));
    if (shift != null) {
      captured.add(shift);
    }
    GraphProto body = body(type, state.dim(1), turned, shift);
    List<String> inputs = new ArrayList<>(starts);
    inputs.add(input);
    int kinds = starts.size();
    int direction = reverse ? 1 : 0;
    int[] directions = kinds == 1 ? new int[] {direction} : new int[] {direction, direction};
    List<AttributeProto> attributes =
        List.of(
            Messages.attribute("body", body),
            Messages.attribute("num_scan_inputs", 1),
            Messages.attribute("scan_input_directions", new int[] {direction}),
            Messages.attribute("scan_output_directions", directions));
    String scan = graph.node("Scan", "Scan", inputs, captured, attributes, 2 * kinds);
    List<String> all = new ArrayList<>();
    for (int k = 0; k < kinds; k++) {
      String start = graph.add("Unsqueeze", starts.get(k), graph.sizes(0));
      String steps = scan + "." + (kinds + k);
      List<String> both = reverse ? List.of(steps, start) : List.of(start, steps);
      String states = graph.add("Concat", both, Messages.attribute("axis", 0));
      all.add(graph.add("Unsqueeze", states, graph.sizes(0)));
    }
    return kinds == 1 ? all.get(0) : graph.add("Concat", all, Messages.attribute("axis", 0));
  }

  private GraphProto body(DType type, int size, String turned, String shift) {
    List<OnnxGraph.Step> outer = graph.steps;
    graph.steps = new ArrayList<>();
    String h = graph.unique("state");
    String c = cell.hasMemory() ? graph.unique("memory") : null;
    String x = graph.unique("input");
    int firstConstant = graph.constants.size();
    String own = graph.add("MatMul", h, turned);
    own = shift == null ? own : graph.add("Add", own, shift);
    String sum = cell.isSeparate() ? null : graph.add("Add", x, own);
    List<String> operands = new ArrayList<>();
    for (int j = 0; j < cell.gates(); j++) {
      operands.add(gate(sum == null ? x : sum, j, size));
    }
    for (int j = 0; cell.isSeparate() && j < cell.gates(); j++) {
      operands.add(gate(own, j, size));
    }
    operands.add(c == null ? h : c);
    String newMemory = null;
    if (c != null) {
      newMemory = formula(cell.memory(), type, operands);
      operands.set(operands.size() - 1, newMemory);
    }
    String newState = formula(cell.state(), type, operands);
    List<String> results = new ArrayList<>(List.of(graph.add("Identity", newState)));
    if (c != null) {
      results.add(graph.add("Identity", newMemory));
    }
    results.add(graph.add("Identity", newState));
    if (c != null) {
      results.add(graph.add("Identity", newMemory));
    }
    GraphProto.Builder body = GraphProto.newBuilder().setName("step");
    List<String> constants = new ArrayList<>(graph.constants.keySet());
    for (String name : constants.subList(firstConstant, constants.size())) {
      body.addNode(
          NodeProto.newBuilder()
              .setOpType("Constant")
              .setName(name)
              .addOutput(name)
              .addAttribute(Messages.attribute("value", graph.constants.get(name))));
    }
    for (OnnxGraph.Step step : graph.steps) {
      body.addNode(
          NodeProto.newBuilder()
              .setOpType(step.operator())
              .setName(step.name())
              .addAllInput(step.inputs())
              .addAllAttribute(step.attributes())
              .addAllOutput(step.outputs()));
    }
    graph.steps = outer;
    body.addInput(value(h, type));
    if (c != null) {
      body.addInput(value(c, type));
    }
    body.addInput(value(x, type));
    results.forEach(name -> body.addOutput(value(name, type)));
    return body.build();
  }

  private String gate(String gates, int j, int size) {
    return graph.add(
        "Slice",
        gates,
        graph.sizes(j * size),
        graph.sizes((j + 1) * size),
        graph.sizes(1),
        graph.sizes(1));
  }

  private String formula(Formula formula, DType type, List<String> operands) {
    String[] inputs = operands.toArray(String[]::new);
    return new OnnxFormula(graph, type, inputs, new double[0]).write(formula.root(), type);
  }

  private static ValueInfoProto value(String name, DType type) {
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(ElementType.of(type).code()).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
