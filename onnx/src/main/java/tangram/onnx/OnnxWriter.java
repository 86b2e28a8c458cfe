package tangram.onnx;

import com.google.protobuf.CodedOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;
import tangram.nn.Module;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.StringStringEntryProto;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Writes a network as an ONNX file (opset {@value #OPSET}), for inference by other programs.
 *
 * <p>The network runs on examples while its operations are {@linkplain tangram.tensor.Tracer
 * traced}; every one becomes a node or a few. Weights keep their names, and batch normalisation
 * stays a node of its own. For each dimension of the inputs that is declared by a name the network
 * runs once more with twice its size, so that what depends on it is found. At last the written
 * model is computed, also for inputs of three times the example's sizes, and refused if it does not
 * give what the network gives. Source: <a href="https://onnx.ai/onnx/repo-docs/IR.html">ONNX IR
 * specification</a>.
 */
public final class OnnxWriter {
  /** Version of the operators: runtimes since mid-2022 know it. */
  public static final int OPSET = 17;

  /** Version of the file format, that of ONNX 1.12, which brought this opset. */
  private static final int IR_VERSION = 8;

  private static final int BUFFER_BYTES = 1 << 16;

  /** More than everything but the weights takes. */
  private static final int NAMES_BYTES = 1 << 24;

  private final List<OnnxValue> inputs;
  private final List<OnnxValue> outputs;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private String documentation = "";

  /**
   * Creates a writer of networks with one input and one output.
   *
   * @param input what the network takes
   * @param output what the network returns
   */
  public OnnxWriter(OnnxValue input, OnnxValue output) {
    this(List.of(input), List.of(output));
  }

  /** Creates a writer of networks with some inputs and outputs. */
  public OnnxWriter(List<OnnxValue> inputs, List<OnnxValue> outputs) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
  }

  /** Sets the text about the model. */
  public OnnxWriter documentation(String text) {
    documentation = text;
    return this;
  }

  /** Adds a string, which programs can ask for by its key. */
  public OnnxWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Writes a network of one input of single precision and one output.
   *
   * @param name of the graph
   * @param module holds the weights; in evaluation mode
   * @param forward what is to be written: the module's computation
   * @param example shape of an input that the network takes
   * @throws IllegalArgumentException if the module is in training, computes something that has no
   *     ONNX form here, or does not fit the declared input and output
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public void write(
      String name, Module module, UnaryOperator<Tensor> forward, Shape example, Path file) {
    if (module.state().isEmpty()) {
      throw new IllegalArgumentException(
          "a module without weights does not tell its device: give a tensor as the example");
    }
    try (Scope scope = Scope.open()) {
      Tensor weight = module.state().values().iterator().next();
      Tensor x = weight.device().rand(new Generator(0), example.dims());
      write(name, module, t -> new Tensor[] {forward.apply(t[0])}, file, x);
    }
  }

  /**
   * Writes a network.
   *
   * @param name of the graph
   * @param module holds the weights; in evaluation mode
   * @param forward what is to be written: the module's computation, from all inputs to all outputs
   * @param example inputs that the network takes, whose types are those of the model's inputs. The
   *     network has to take repetitions of them along the dimensions that are declared by names
   * @throws IllegalArgumentException if the module is in training, computes something that has no
   *     ONNX form here, or does not fit the declared inputs and outputs
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public void write(
      String name,
      Module module,
      Function<Tensor[], Tensor[]> forward,
      Path file,
      Tensor... example) {
    if (module.isTraining()) {
      throw new IllegalArgumentException("switch the network to evaluation: train(false)");
    }
    ModelProto message;
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      OnnxExamples examples = new OnnxExamples(inputs, outputs, forward, example);
      message = model(trace(name, module.state(), forward, examples, file));
      OnnxModule written = new OnnxModule(OnnxModel.of(file, message), example[0].device());
      examples.check(written::forward);
    }
    AtomicFile.write(
        file,
        channel -> {
          // Not closed: that would close the channel, which is not ours.
          CodedOutputStream out =
              CodedOutputStream.newInstance(Channels.newOutputStream(channel), BUFFER_BYTES);
          message.writeTo(out);
          out.flush();
        });
  }

  private ModelProto model(GraphProto graph) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("tangram")
            .setDocString(documentation)
            .setGraph(graph)
            // The domain that is not named is ONNX's own.
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET));
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  private GraphProto trace(
      String name,
      Map<String, Tensor> weights,
      Function<Tensor[], Tensor[]> forward,
      OnnxExamples examples,
      Path file) {
    List<OnnxGraph> runs = new ArrayList<>();
    List<List<String>> results = new ArrayList<>();
    List<DType> types = new ArrayList<>();
    for (Tensor[] x : examples.traced()) {
      OnnxGraph graph = new OnnxTracer(weights, inputs, x, outputs);
      List<String> names = new ArrayList<>();
      types.clear();
      try (Scope run = Scope.open();
          Autograd.Guard tracing = graph.start()) {
        for (Tensor y : forward.apply(x)) {
          names.add(graph.value(y));
          types.add(y.type());
        }
      }
      runs.add(graph);
      results.add(names);
    }
    OnnxMerge merge = new OnnxMerge(runs, inputs.stream().map(OnnxValue::name).toList(), results);
    requireFileSize(merge.weightBytes(), file);
    GraphProto.Builder graph =
        merge.build(name, results.get(0), outputs.stream().map(OnnxValue::name).toList());
    for (int i = 0; i < inputs.size(); i++) {
      graph.addInput(inputs.get(i).message(examples.traced().get(0)[i].type()));
    }
    for (int i = 0; i < outputs.size(); i++) {
      graph.addOutput(outputs.get(i).message(types.get(i)));
    }
    return graph.build();
  }

  /** Protocol Buffers count the bytes of a message in an int. */
  static void requireFileSize(long weightBytes, Path file) {
    if (weightBytes > Integer.MAX_VALUE - NAMES_BYTES) {
      throw new FileWriteException(
          file
              + ": would take "
              + weightBytes
              + " bytes, but an ONNX file holds 2 GiB at most; choose another format.");
    }
  }
}
