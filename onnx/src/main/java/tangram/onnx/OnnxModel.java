package tangram.onnx;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tangram.nn.FileFormatException;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.graph.Function;
import tangram.onnx.graph.Graph;
import tangram.onnx.graph.ModelReader;

/** A model in an ONNX file; {@link OnnxModule} computes it. */
public final class OnnxModel {
  private final ModelReader.Content content;

  private OnnxModel(ModelReader.Content content) {
    this.content = content;
  }

  /**
   * Reads a file. Weights beside it, as external data, are read when a module is made.
   *
   * @throws FileFormatException if it is missing, damaged, or no valid model: names that are made
   *     twice or never, nodes in a wrong order, counts that do not agree
   * @throws OnnxException.Unsupported if it has a kind of data that is not supported
   */
  public static OnnxModel read(Path file) {
    return new OnnxModel(ModelReader.read(file));
  }

  /** What a file will be read as, before it is written. */
  static OnnxModel of(Path file, ModelProto model) {
    return new OnnxModel(ModelReader.read(file, model));
  }

  /** The file. */
  public Path file() {
    return content.file();
  }

  /** The program that wrote it, with its version. */
  public String producer() {
    return content.producer();
  }

  /** The text about the model. */
  public String documentation() {
    return content.documentation();
  }

  /** Strings that the file holds beside the model, in its order. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(content.metadata());
  }

  /**
   * The versions of operators that it uses, by domain, in its order; ONNX's own has an empty name.
   */
  public Map<String, Integer> opsets() {
    return Collections.unmodifiableMap(content.opsets());
  }

  /** The same without nodes, weights and functions, which take most of the memory. */
  OnnxModel outline() {
    Graph graph = content.graph();
    return new OnnxModel(
        new ModelReader.Content(
            content.file(),
            content.producer(),
            content.documentation(),
            content.metadata(),
            content.opsets(),
            new Graph(graph.name(), List.of(), Map.of(), graph.inputs(), graph.outputs()),
            Map.of()));
  }

  Graph graph() {
    return content.graph();
  }

  Map<String, Function> functions() {
    return content.functions();
  }
}
