package tangram.onnx.graph;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.nn.FileFormatException;
import tangram.onnx.ElementType;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.FunctionProto;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.onnx.Onnx.TensorShapeProto;
import tangram.onnx.Onnx.TypeProto;
import tangram.onnx.Onnx.ValueInfoProto;
import tangram.onnx.OnnxException;

/** Reads a model's file and checks that its graphs are ones. */
public final class ModelReader {
  private final Path file;

  private ModelReader(Path file) {
    this.file = file;
  }

  /**
   * What a file holds.
   *
   * @param opsets versions of the operators' domains; ONNX's own has an empty name
   * @param functions by name and, after a colon, overload
   */
  public record Content(
      Path file,
      String producer,
      String documentation,
      Map<String, String> metadata,
      Map<String, Integer> opsets,
      Graph graph,
      Map<String, Function> functions) {}

  /**
   * Reads a model.
   *
   * @throws FileFormatException if it cannot be read as one
   */
  public static Content read(Path file) {
    return read(file, parse(file, ModelProto::parseFrom, "ONNX model"));
  }

  /** As the other, of a message that a file holds or shall hold. */
  public static Content read(Path file, ModelProto model) {
    return new ModelReader(file).content(model);
  }

  /** How a message is read from bytes. */
  interface Parser<T> {
    T parse(InputStream in) throws IOException;
  }

  static <T> T parse(Path file, Parser<T> parser, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      if (Files.size(file) > Integer.MAX_VALUE) {
        throw new FileFormatException(
            file + ": more than 2 GiB cannot be one ONNX file; keep weights in external data.");
      }
      return parser.parse(in);
    } catch (InvalidProtocolBufferException e) {
      throw new FileFormatException(
          "%s: this is no %s, or it is damaged: %s".formatted(file, what, e.getMessage()), e);
    } catch (IOException e) {
      throw new FileFormatException(
          "%s: cannot be read (%s); check the path.".formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private FileFormatException wrong(String what) {
    return new FileFormatException(file + ": " + what + "; the file is no valid ONNX model.");
  }

  private static String quote(String text) {
    return FileFormatException.quote(text);
  }

  private Content content(ModelProto model) {
    if (!model.hasGraph()) {
      throw wrong("it holds no graph");
    }
    Map<String, Integer> opsets = opsets(model.getOpsetImportList());
    if (opsets.isEmpty() && model.getIrVersion() >= 3) {
      throw wrong("it does not say which versions of operators it uses");
    }
    opsets.putIfAbsent("", 1);
    Map<String, Function> functions = new LinkedHashMap<>();
    for (FunctionProto function : model.getFunctionsList()) {
      String name = operator(function.getDomain(), function.getName());
      if (functions.put(key(name, function.getOverload()), function(name, function)) != null) {
        throw wrong("it has two functions " + quote(name));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    model.getMetadataPropsList().forEach(p -> metadata.put(p.getKey(), p.getValue()));
    String producer = (model.getProducerName() + " " + model.getProducerVersion()).strip();
    Graph graph = graph(model.getGraph());
    checkNames(graph, Set.of());
    functions.values().forEach(this::checkFunction);
    return new Content(file, producer, model.getDocString(), metadata, opsets, graph, functions);
  }

  /** A function's key: its operator and its overload. */
  public static String key(String operator, String overload) {
    return overload.isEmpty() ? operator : operator + ":" + overload;
  }

  private static String domain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  private static String operator(String domain, String name) {
    return domain(domain).isEmpty() ? name : domain + "." + name;
  }

  private Map<String, Integer> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Integer> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto set : imports) {
      if (set.getVersion() < 1 || set.getVersion() > Integer.MAX_VALUE) {
        throw wrong("it asks for version " + set.getVersion() + " of operators");
      }
      Integer before = opsets.put(domain(set.getDomain()), (int) set.getVersion());
      if (before != null && before != set.getVersion()) {
        throw wrong("it asks for two versions of operators of domain " + quote(set.getDomain()));
      }
    }
    return opsets;
  }

  private Function function(String name, FunctionProto function) {
    Map<String, Object> defaults = new LinkedHashMap<>();
    for (AttributeProto attribute : function.getAttributeProtoList()) {
      defaults.put(attribute.getName(), attribute(attribute));
    }
    return new Function(
        name,
        List.copyOf(function.getInputList()),
        List.copyOf(function.getOutputList()),
        new LinkedHashSet<>(function.getAttributeList()),
        defaults,
        nodes(function.getNodeList()),
        opsets(function.getOpsetImportList()));
  }

  private Graph graph(GraphProto graph) {
    Map<String, TensorData> initializers = new LinkedHashMap<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getName().isEmpty()) {
        throw wrong("it has an initializer without a name");
      }
      if (initializers.put(tensor.getName(), new TensorData(tensor, file)) != null) {
        throw wrong("it has two initializers " + quote(tensor.getName()));
      }
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new OnnxException.Unsupported(file + ": sparse initializers are not supported.");
    }
    return new Graph(
        graph.getName(),
        nodes(graph.getNodeList()),
        initializers,
        graph.getInputList().stream().map(this::value).toList(),
        graph.getOutputList().stream().map(this::value).toList());
  }

  private List<Node> nodes(List<NodeProto> messages) {
    List<Node> nodes = new ArrayList<>();
    for (NodeProto node : messages) {
      Map<String, Object> attributes = new LinkedHashMap<>();
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attributes.put(attribute.getName(), attribute(attribute)) != null) {
          throw wrong(
              "node %s has two attributes %s"
                  .formatted(quote(node.getName()), quote(attribute.getName())));
        }
      }
      if (node.getOpType().isEmpty()) {
        throw wrong("node " + quote(node.getName()) + " names no operator");
      }
      String name = node.getName();
      if (name.isEmpty()) {
        name =
            node.getOutputList().stream().filter(o -> !o.isEmpty()).findFirst().orElse("unnamed");
      }
      nodes.add(
          new Node(
              name,
              key(operator(node.getDomain(), node.getOpType()), node.getOverload()),
              List.copyOf(node.getInputList()),
              List.copyOf(node.getOutputList()),
              attributes));
    }
    return nodes;
  }

  private Object attribute(AttributeProto a) {
    if (!a.getRefAttrName().isEmpty()) {
      return new Node.Reference(a.getRefAttrName());
    }
    AttributeProto.AttributeType type = a.getType();
    if (type == AttributeProto.AttributeType.UNDEFINED) {
      // Files before version 3 of the format do not say it.
      type = guess(a);
    }
    switch (type) {
      case FLOAT:
        return a.getF();
      case INT:
        return a.getI();
      case STRING:
        return a.getS().toStringUtf8();
      case TENSOR:
        return new TensorData(a.getT(), file);
      case GRAPH:
        return graph(a.getG());
      case FLOATS:
        float[] floats = new float[a.getFloatsCount()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = a.getFloats(i);
        }
        return floats;
      case INTS:
        return a.getIntsList().stream().mapToLong(Long::longValue).toArray();
      case STRINGS:
        return a.getStringsList().stream().map(TensorData::text).toArray(String[]::new);
      case TYPE_PROTO:
        return type("", a.getTp());
      default:
        throw new OnnxException.Unsupported(
            "%s: attribute %s is of kind %s, which is not supported."
                .formatted(file, quote(a.getName()), type));
    }
  }

  private static AttributeProto.AttributeType guess(AttributeProto a) {
    if (a.hasF()) {
      return AttributeProto.AttributeType.FLOAT;
    }
    if (a.hasI()) {
      return AttributeProto.AttributeType.INT;
    }
    if (a.hasS()) {
      return AttributeProto.AttributeType.STRING;
    }
    if (a.hasT()) {
      return AttributeProto.AttributeType.TENSOR;
    }
    if (a.hasG()) {
      return AttributeProto.AttributeType.GRAPH;
    }
    if (a.getFloatsCount() > 0) {
      return AttributeProto.AttributeType.FLOATS;
    }
    if (a.getStringsCount() > 0) {
      return AttributeProto.AttributeType.STRINGS;
    }
    return AttributeProto.AttributeType.INTS;
  }

  private ValueType value(ValueInfoProto info) {
    if (info.getName().isEmpty()) {
      throw wrong("it has an input or output without a name");
    }
    return type(info.getName(), info.getType());
  }

  private static ValueType type(String name, TypeProto type) {
    switch (type.getValueCase()) {
      case TENSOR_TYPE:
        TypeProto.Tensor tensor = type.getTensorType();
        List<String> dims = null;
        if (tensor.hasShape()) {
          dims = new ArrayList<>();
          for (TensorShapeProto.Dimension dim : tensor.getShape().getDimList()) {
            dims.add(
                dim.hasDimValue()
                    ? Long.toString(dim.getDimValue())
                    : dim.getDimParam().isEmpty() ? "?" : dim.getDimParam());
          }
        }
        return new ValueType(name, "tensor", ElementType.of(tensor.getElemType()), dims);
      case SEQUENCE_TYPE:
        ValueType item = type(name, type.getSequenceType().getElemType());
        return new ValueType(name, "seq", item.element(), item.dims());
      case OPTIONAL_TYPE:
        ValueType held = type(name, type.getOptionalType().getElemType());
        return new ValueType(name, "optional", held.element(), held.dims());
      default:
        return new ValueType(name, "", null, null);
    }
  }

  private void checkFunction(Function function) {
    Set<String> known = new HashSet<>(function.inputs());
    if (known.size() < function.inputs().size()) {
      throw wrong("function " + quote(function.operator()) + " has two inputs of one name");
    }
    checkNodes(function.nodes(), known);
    for (String output : function.outputs()) {
      if (!known.contains(output)) {
        throw wrong(
            "function %s never makes its output %s"
                .formatted(quote(function.operator()), quote(output)));
      }
    }
  }

  /** Every value has one maker, and every node comes behind those that it needs. */
  private void checkNames(Graph graph, Set<String> outer) {
    Set<String> own = new HashSet<>();
    for (ValueType input : graph.inputs()) {
      if (!own.add(input.name())) {
        throw wrong("two inputs are named " + quote(input.name()));
      }
    }
    own.addAll(graph.initializers().keySet());
    Set<String> known = new HashSet<>(outer);
    known.addAll(own);
    Set<String> made = checkNodes(graph.nodes(), known);
    for (String name : made) {
      if (own.contains(name)) {
        throw wrong("value " + quote(name) + " is made twice");
      }
    }
    for (ValueType output : graph.outputs()) {
      if (!known.contains(output.name())) {
        throw wrong("no node makes the output " + quote(output.name()));
      }
    }
  }

  private Set<String> checkNodes(List<Node> nodes, Set<String> known) {
    Set<String> made = new HashSet<>();
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !known.contains(input)) {
          throw wrong(
              "node %s (%s) needs %s, which nothing before it makes"
                  .formatted(quote(node.name()), quote(node.operator()), quote(input)));
        }
      }
      for (Object attribute : node.attributes().values()) {
        if (attribute instanceof Graph) {
          checkNames((Graph) attribute, known);
        }
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !made.add(output)) {
          throw wrong("value " + quote(output) + " is made twice");
        }
      }
      known.addAll(node.outputs());
    }
    return made;
  }
}
