package tangram.onnx.op;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxException;
import tangram.onnx.OnnxSequence;
import tangram.onnx.OnnxTensor;
import tangram.onnx.graph.Function;
import tangram.onnx.graph.Graph;
import tangram.onnx.graph.Node;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.ValueType;
import tangram.tensor.Autograd;
import tangram.tensor.DeviceException;
import tangram.tensor.Scope;

/** A graph with its operators looked up, and the constants among its values computed. */
public final class Program {
  /** Operators whose results differ from run to run, which are no constants. */
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomUniform",
          "RandomNormalLike",
          "RandomUniformLike",
          "Bernoulli",
          "Multinomial",
          "Dropout");

  /** What a model brings beside its graph. */
  public record Context(
      Session session,
      Map<String, Function> functions,
      Map<String, Integer> opsets,
      int depth,
      AtomicInteger nodes) {
    private static final int MOST = 50;

    /** More than any network has: functions that call functions double with every level. */
    private static final int MOST_NODES = 1 << 22;

    /** Of a model's own graph. */
    public Context(Session session, Map<String, Function> functions, Map<String, Integer> opsets) {
      this(session, functions, opsets, 0, new AtomicInteger());
    }

    private void count(int more) {
      if (nodes.addAndGet(more) > MOST_NODES) {
        throw new OnnxException.Unsupported(
            "The model's functions expand to more than " + MOST_NODES + " nodes.");
      }
    }

    private Context inside(Map<String, Integer> opsets, String function) {
      if (depth == MOST) {
        throw new OnnxException.Unsupported(
            "Function "
                + function
                + " calls itself, or functions nest more than "
                + MOST
                + " deep.");
      }
      return new Context(session, functions, opsets, depth + 1, nodes);
    }
  }

  private record Step(
      Node node,
      Signature signature,
      Kernel kernel,
      int version,
      Map<String, Program> bodies,
      List<String> dead) {}

  private final Session session;
  private final List<String> inputs;
  private final List<String> outputs;
  private final Map<String, OnnxTensor> constants;
  private final List<Step> steps = new ArrayList<>();

  /** Names that the graph takes from those around it. */
  private final Set<String> free = new LinkedHashSet<>();

  private Program(
      Context context,
      List<String> inputs,
      List<String> outputs,
      Map<String, OnnxTensor> constants,
      List<Node> nodes) {
    context.count(nodes.size());
    this.session = context.session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.constants = new LinkedHashMap<>(constants);
    // Weights may change, so what is computed of them is none of the constants.
    Set<String> folded = new HashSet<>(Set.of(""));
    for (Node node : nodes) {
      Step step = step(context, node);
      if (isConstant(step, folded) && fold(step)) {
        folded.addAll(node.outputs());
      } else {
        steps.add(step);
      }
    }
    findLastUses();
  }

  /**
   * Prepares a graph.
   *
   * @param initializers by name, made by the caller
   * @throws OnnxException.Unsupported if an operator cannot be computed
   */
  public static Program of(Context context, Graph graph, Map<String, OnnxTensor> initializers) {
    return new Program(
        context,
        graph.inputs().stream().map(ValueType::name).toList(),
        graph.outputs().stream().map(ValueType::name).toList(),
        initializers,
        graph.nodes());
  }

  private static Step step(Context context, Node node) {
    Function function = context.functions.get(node.operator());
    if (function != null) {
      Program body = ofFunction(context, function, node);
      Kernel kernel = call -> body.run(call.inputs(), null);
      return new Step(node, null, kernel, 1, Map.of(), new ArrayList<>());
    }
    String domain = Signature.domain(node.operator());
    Integer opset = context.opsets.get(domain);
    if (opset == null) {
      throw new OnnxException.Unsupported(
          "Operator %s, in node '%s', is of a domain of which the model asks for no version."
              .formatted(node.operator(), node.name()));
    }
    Operators.Definition definition = Operators.of(node, opset);
    Map<String, Program> bodies = new LinkedHashMap<>();
    node.attributes()
        .forEach(
            (name, value) -> {
              if (value instanceof Graph) {
                bodies.put(name, ofBody(context, (Graph) value));
              }
            });
    return new Step(
        node,
        definition.signature(),
        definition.kernel(),
        definition.version(),
        bodies,
        new ArrayList<>());
  }

  private static Program ofBody(Context context, Graph graph) {
    Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    for (TensorData data : graph.initializers().values()) {
      constants.put(data.name(), constant(context.session, data));
    }
    return of(context, graph, constants);
  }

  /** A tensor of a file that stays as long as the model. */
  static OnnxTensor constant(Session session, TensorData data) {
    try (Scope mine = Scope.detached()) {
      return session.persist(data.on(session.home(data.type())));
    }
  }

  private static Program ofFunction(Context context, Function function, Node call) {
    Map<String, Integer> opsets = new HashMap<>(context.opsets);
    opsets.putAll(function.opsets());
    return new Program(
        context.inside(opsets, function.operator()),
        function.inputs(),
        function.outputs(),
        Map.of(),
        FunctionCall.nodes(function, call));
  }

  private static boolean isConstant(Step step, Set<String> folded) {
    return step.signature != null
        && step.bodies.isEmpty()
        && !RANDOM.contains(step.node.operator())
        && folded.containsAll(step.node.inputs());
  }

  /** Computes a constant, unless it is no tensor. */
  private boolean fold(Step step) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      OnnxData[] results = run(step, new Frame(session, constants, null));
      List<String> names = step.node.outputs();
      for (int i = 0; i < names.size(); i++) {
        if (!names.get(i).isEmpty() && !(results[i] instanceof OnnxTensor)) {
          return false;
        }
      }
      for (int i = 0; i < names.size(); i++) {
        if (!names.get(i).isEmpty()) {
          constants.put(names.get(i), session.constant((OnnxTensor) results[i]));
        }
      }
      return true;
    }
  }

  private void findLastUses() {
    Set<String> used = new HashSet<>(outputs);
    Set<String> own = new HashSet<>(inputs);
    own.addAll(constants.keySet());
    steps.forEach(step -> own.addAll(step.node.outputs()));
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      Set<String> touched = new LinkedHashSet<>(step.node.inputs());
      step.bodies.values().forEach(body -> touched.addAll(body.free));
      for (String name : touched) {
        if (!name.isEmpty() && !own.contains(name)) {
          free.add(name);
        }
      }
      touched.addAll(step.node.outputs());
      touched.remove("");
      for (String name : touched) {
        if (used.add(name)) {
          step.dead.add(name);
        }
      }
    }
    for (String output : outputs) {
      if (!own.contains(output)) {
        free.add(output);
      }
    }
  }

  /** Names of inputs, in order. */
  List<String> inputs() {
    return inputs;
  }

  /** The number of outputs. */
  int outputCount() {
    return outputs.size();
  }

  /**
   * Computes the outputs.
   *
   * @param given one for each input; null where there is none
   * @param around the values of the graph around it, or null
   */
  OnnxData[] run(OnnxData[] given, Frame around) {
    Frame frame = new Frame(session, constants, around);
    for (int i = 0; i < given.length; i++) {
      if (given[i] != null) {
        frame.lend(inputs.get(i), given[i]);
      }
    }
    for (Step step : steps) {
      OnnxData[] results = runInScope(step, frame);
      List<String> names = step.node.outputs();
      for (int i = 0; i < names.size(); i++) {
        if (!names.get(i).isEmpty()) {
          if (i >= results.length || results[i] == null) {
            throw new OnnxException(
                "Node '%s' (%s) makes no output %s."
                    .formatted(step.node.name(), step.node.operator(), i));
          }
          frame.put(names.get(i), results[i]);
        }
      }
      step.dead.forEach(frame::drop);
    }
    OnnxData[] results = new OnnxData[outputs.size()];
    for (int i = 0; i < results.length; i++) {
      results[i] = frame.get(outputs.get(i));
    }
    return results;
  }

  /** Computes the outputs from inputs by name. */
  public OnnxData[] run(Map<String, OnnxData> given) {
    return run(inputs.stream().map(given::get).toArray(OnnxData[]::new), null);
  }

  private static OnnxData[] runInScope(Step step, Frame frame) {
    if (Autograd.isEnabled()) {
      // What lies between is needed by derivatives; it belongs to the caller's scope.
      return run(step, frame);
    }
    try (Scope scope = Scope.open()) {
      OnnxData[] results = run(step, frame);
      for (OnnxData result : results) {
        keep(scope, result);
      }
      return results;
    }
  }

  private static void keep(Scope scope, OnnxData value) {
    if (value instanceof OnnxTensor) {
      scope.keep(((OnnxTensor) value).tensor());
    } else if (value instanceof OnnxSequence) {
      ((OnnxSequence) value).items().forEach(item -> keep(scope, item));
    }
  }

  private static OnnxData[] run(Step step, Frame frame) {
    List<String> names = step.node.inputs();
    OnnxData[] inputs = new OnnxData[names.size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = names.get(i).isEmpty() ? null : frame.get(names.get(i));
    }
    Call call = new Call(step.node, step.signature, step.version, inputs, step.bodies, frame);
    try {
      if (step.signature != null) {
        step.signature.checkTypes(inputs);
      }
      return step.kernel.run(call);
    } catch (OnnxException e) {
      throw e;
    } catch (RuntimeException e) {
      boolean said =
          e instanceof IllegalArgumentException
              || e instanceof IllegalStateException
              || e instanceof DeviceException;
      throw new OnnxException(
          "Node '%s' (%s%s): %s"
              .formatted(
                  step.node.name(),
                  step.node.operator(),
                  step.signature == null ? "" : " of opset " + step.version,
                  said
                      ? e.getMessage()
                      : "its inputs and attributes do not fit together (" + e + ")"),
          e);
    }
  }

  /** Whether an operator of the graph, or of one inside it, draws random numbers. */
  public boolean isRandom() {
    return operators().keySet().stream().anyMatch(RANDOM::contains);
  }

  /** Every operator of the graph and of those inside it, with how often it occurs. */
  public Map<String, Integer> operators() {
    Map<String, Integer> counts = new TreeMap<>();
    for (Step step : steps) {
      counts.merge(step.node.operator(), 1, Integer::sum);
      step.bodies
          .values()
          .forEach(body -> body.operators().forEach((n, c) -> counts.merge(n, c, Integer::sum)));
    }
    return counts;
  }
}
