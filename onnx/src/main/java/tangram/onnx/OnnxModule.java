package tangram.onnx;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tangram.nn.Module;
import tangram.onnx.graph.Graph;
import tangram.onnx.graph.Node;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.ValueType;
import tangram.onnx.op.Program;
import tangram.onnx.op.Session;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A model as a module: its initialisers are parameters, or buffers where they are no real numbers,
 * under their own names, so that it can be run and trained on any device.
 *
 * <p>A value lives on the model's device if that has its element type, else on the CPU device
 * {@code vector}. An operator runs where its operands are; where they are not all on the model's
 * device, on the CPU. Shapes, axes and indices are read on the host.
 *
 * <p>Several threads may compute at once, within {@link tangram.tensor.Autograd#noGrad()}; then the
 * memory of values between is returned as soon as no operator needs them any more. Without that,
 * gradients are recorded and a {@link Scope} around the step returns it.
 */
public final class OnnxModule extends Module {
  /** Inputs of operators that are statistics or settings, which are not trained. */
  private static final Map<String, Set<Integer>> FIXED =
      Map.of(
          "BatchNormalization", Set.of(3, 4),
          "Clip", Set.of(1, 2),
          "Resize", Set.of(1, 2),
          "Upsample", Set.of(1),
          "Pad", Set.of(2),
          "Dropout", Set.of(1),
          "QuantizeLinear", Set.of(1),
          "DequantizeLinear", Set.of(1));

  private final OnnxModel outline;
  private final List<String> inputs;
  private final Session session;
  private final Program program;
  private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();

  /**
   * Prepares a model.
   *
   * @param device where it computes what it can
   * @throws OnnxException.Unsupported if it has an operator that cannot be computed
   */
  public OnnxModule(OnnxModel model, Device device) {
    this.outline = model.outline();
    this.inputs = model.graph().required();
    this.session = new Session(device);
    Set<String> fixed = fixed(model.graph());
    try (Scope persistent = Scope.detached()) {
      for (TensorData data : model.graph().initializers().values()) {
        OnnxTensor value = session.persist(data.on(session.home(data.type())));
        if (value.type().isReal() && !fixed.contains(data.name())) {
          parameter(data.name(), value.tensor());
        } else if (value.texts() == null) {
          buffer(data.name(), value.tensor());
        }
        initializers.put(data.name(), value);
      }
    }
    Program.Context context = new Program.Context(session, model.functions(), model.opsets());
    this.program = Program.of(context, model.graph(), initializers);
  }

  private static Set<String> fixed(Graph graph) {
    Set<String> fixed = new TreeSet<>();
    for (Node node : graph.nodes()) {
      for (int i : FIXED.getOrDefault(node.operator(), Set.of())) {
        if (i < node.inputs().size()) {
          fixed.add(node.inputs().get(i));
        }
      }
    }
    return fixed;
  }

  /** What the model declares: all of its inputs, those with an initializer too, and outputs. */
  Graph declared() {
    return outline.graph();
  }

  /** Where its values live. */
  Session session() {
    return session;
  }

  /** Whether an operator draws random numbers. */
  boolean isRandom() {
    return program.isRandom();
  }

  /** Names of the inputs that have to be given. */
  public List<String> inputs() {
    return inputs;
  }

  /** Names of the outputs. */
  public List<String> outputs() {
    return outline.graph().outputs().stream().map(ValueType::name).toList();
  }

  /**
   * Computes all outputs from tensors of types that both know.
   *
   * @param given the inputs by name
   * @return the outputs by name; integers shorter than 32 bits as {@code I32}
   * @throws OnnxException if inputs are missing or do not fit, or an operator fails
   */
  public Map<String, Tensor> forward(Map<String, Tensor> given) {
    Map<String, OnnxData> values = new LinkedHashMap<>();
    given.forEach((name, tensor) -> values.put(name, typed(name, tensor)));
    Map<String, Tensor> results = new LinkedHashMap<>();
    run(values)
        .forEach(
            (name, value) -> {
              if (!(value instanceof OnnxTensor) || ((OnnxTensor) value).texts() != null) {
                throw new OnnxException(
                    "Output '" + name + "' is no tensor of numbers; run() returns it.");
              }
              results.put(name, ((OnnxTensor) value).tensor());
            });
    return results;
  }

  /** Computes the output of a model that has one input and one output. */
  public Tensor forward(Tensor x) {
    if (inputs().size() != 1 || outputs().size() != 1) {
      throw new OnnxException(
          "The model has the inputs %s and the outputs %s; give them by name."
              .formatted(inputs(), outputs()));
    }
    return forward(Map.of(inputs().get(0), x)).get(outputs().get(0));
  }

  /** What the model declares of an input. */
  ValueType declared(String name) {
    for (ValueType input : outline.graph().inputs()) {
      if (input.name().equals(name)) {
        return input;
      }
    }
    throw new OnnxException(
        "The model has no input '%s'; its inputs are %s.".formatted(name, inputs()));
  }

  /** A tensor with the element type that the model declares. */
  private OnnxTensor typed(String name, Tensor tensor) {
    ElementType type = declared(name).element();
    return type == null
        ? OnnxTensor.of(tensor)
        : OnnxTensor.of("Input '" + name + "'", type, tensor);
  }

  /**
   * Computes all outputs.
   *
   * @param given the inputs by name
   * @return the outputs by name
   * @throws OnnxException if inputs are missing or do not fit, or an operator fails
   */
  public Map<String, OnnxData> run(Map<String, OnnxData> given) {
    Map<String, OnnxData> values = new LinkedHashMap<>();
    initializers.forEach(values::put);
    for (String name : inputs()) {
      if (!given.containsKey(name)) {
        throw new OnnxException(
            "Input '%s' is missing; the model needs %s.".formatted(name, inputs()));
      }
    }
    given.forEach((name, value) -> values.put(name, placed(declared(name), value)));
    OnnxData[] results = program.run(values);
    Map<String, OnnxData> outputs = new LinkedHashMap<>();
    for (int i = 0; i < results.length; i++) {
      outputs.put(outputs().get(i), owned(results[i]));
    }
    return outputs;
  }

  /** A constant as a view of its own, so that the caller may close it. */
  private OnnxData owned(OnnxData value) {
    if (!(value instanceof OnnxTensor)) {
      return value;
    }
    OnnxTensor tensor = (OnnxTensor) value;
    boolean constant = session.isPersistent(tensor.tensor()) && !tensor.tensor().requiresGrad();
    return constant
        ? new OnnxTensor(tensor.type(), tensor.tensor().detach(), tensor.texts())
        : tensor;
  }

  private OnnxData placed(ValueType declared, OnnxData value) {
    if (!(value instanceof OnnxTensor)) {
      return value;
    }
    OnnxTensor tensor = (OnnxTensor) value;
    if (declared.kind().equals("tensor")) {
      boolean fits = declared.element() == null || declared.element() == tensor.type();
      List<String> dims = declared.dims();
      if (dims != null) {
        fits &= dims.size() == tensor.dims().length;
        for (int i = 0; fits && i < dims.size(); i++) {
          boolean number = dims.get(i).matches("\\d+");
          fits = !number || Integer.parseInt(dims.get(i)) == tensor.dims()[i];
        }
      }
      if (!fits) {
        throw new OnnxException(
            "Input '%s' is declared as %s, not %s%s."
                .formatted(declared.name(), declared, tensor.type(), tensor.tensor().shape()));
      }
    }
    return new OnnxTensor(
        tensor.type(), tensor.tensor().to(session.home(tensor.type())), tensor.texts());
  }

  /** Prints what the model is, takes and gives, and where it computes. */
  public void describe(PrintStream out) {
    out.println("file      " + outline.file());
    out.println("producer  " + outline.producer());
    outline
        .opsets()
        .forEach((d, v) -> out.println("opset     " + (d.isEmpty() ? "ai.onnx" : d) + " " + v));
    for (ValueType input : outline.graph().inputs()) {
      if (!initializers.containsKey(input.name())) {
        out.println("input     " + input.name() + " " + input);
      }
    }
    for (ValueType output : outline.graph().outputs()) {
      out.println("output    " + output.name() + " " + output);
    }
    out.println(
        "weights   " + parameterCount() + " numbers in " + parameters().size() + " tensors");
    out.println("device    " + session);
    out.println("operators " + program.operators());
    outline.metadata().forEach((key, value) -> out.println("metadata  " + key + "=" + value));
  }
}
