package tangram.onnx;

import com.google.protobuf.CodedOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;
import tangram.nn.Module;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.StringStringEntryProto;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Writes a network as an ONNX file (opset {@value #OPSET}), for inference by other programs.
 *
 * <p>The network runs once on an image of zeros while its operations are {@linkplain
 * tangram.tensor.Tracer traced}; every one becomes a node, a fused one several. Weights keep their
 * names, and batch normalisation stays a node of its own. Source: <a
 * href="https://onnx.ai/onnx/repo-docs/IR.html">ONNX IR specification</a>.
 */
public final class OnnxWriter {
  /** Version of the operators: runtimes since mid-2022 know it. */
  public static final int OPSET = 17;

  /** Version of the file format, that of ONNX 1.12, which brought this opset. */
  private static final int IR_VERSION = 8;

  private static final int BUFFER_BYTES = 1 << 16;

  /** More than everything but the weights takes. */
  private static final int NAMES_BYTES = 1 << 24;

  private final OnnxValue input;
  private final OnnxValue output;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private String documentation = "";

  /**
   * Creates a writer of networks with one input and one output.
   *
   * @param input shape [N, C, H, W]
   * @param output what the network returns
   */
  public OnnxWriter(OnnxValue input, OnnxValue output) {
    this.input = input;
    this.output = output;
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
   * Writes a network.
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
    if (module.isTraining()) {
      throw new IllegalArgumentException("switch the network to evaluation: train(false)");
    }
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("tangram")
            .setDocString(documentation)
            .setGraph(trace(name, module.state(), forward, example, file))
            // The domain that is not named is ONNX's own.
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET));
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    ModelProto message = model.build();
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

  private GraphProto trace(
      String name,
      Map<String, Tensor> weights,
      UnaryOperator<Tensor> forward,
      Shape example,
      Path file) {
    Device device = weights.values().iterator().next().device();
    try (Scope scope = Scope.open()) {
      Tensor x = device.zeros(example.dims());
      input.requireFit(x.shape());
      OnnxGraph graph = new OnnxGraph(weights, x, input, output);
      try (Autograd.Guard inference = Autograd.noGrad();
          Autograd.Guard tracing = graph.start()) {
        Tensor y = forward.apply(x);
        output.requireFit(y.shape());
        requireFileSize(graph.weightBytes(), file);
        return graph.build(name, input, output, y);
      }
    }
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
