package tangram.nn.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/** Collects the ONNX nodes of the operations it follows. Operators are those of opset 17. */
final class OnnxGraph extends Tracer {
  private static final String SCALES = "upsample.scales";

  private final Map<Tensor, String> weightNames = new IdentityHashMap<>();
  private final Map<Tensor, String> valueNames = new IdentityHashMap<>();
  private final Set<String> usedNames = new HashSet<>();
  private final Map<String, ProtoMessage> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private record Node(
      String operator, String name, List<String> inputs, List<ProtoMessage> attributes) {}

  /**
   * Creates a graph without nodes.
   *
   * @param weights what nodes may use beside the input, by name
   */
  OnnxGraph(Map<String, Tensor> weights, Tensor input, OnnxValue inputValue, OnnxValue output) {
    weights.forEach((name, tensor) -> weightNames.put(tensor, name));
    usedNames.addAll(weights.keySet());
    usedNames.addAll(List.of(SCALES, inputValue.name(), output.name()));
    valueNames.put(input, inputValue.name());
  }

  @Override
  public void conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding, Tensor y) {
    List<String> inputs = new ArrayList<>(List.of(value(x), value(weight)));
    if (bias != null) {
      inputs.add(value(bias));
    }
    String node =
        add(
            "Conv",
            layer(weight, "Conv"),
            inputs,
            OnnxProto.attribute("kernel_shape", weight.dim(2), weight.dim(3)),
            OnnxProto.attribute("strides", stride, stride),
            OnnxProto.attribute("pads", padding, padding, padding, padding));
    valueNames.put(y, node);
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
    String layer = layer(gamma, "BatchNormalization");
    String node =
        add(
            "BatchNormalization",
            layer,
            List.of(value(x), value(gamma), value(beta), value(mean), value(var)),
            OnnxProto.attribute("epsilon", (float) eps));
    if (residual != null) {
      node = add("Add", layer + ".add", List.of(node, value(residual)));
    }
    if (relu) {
      node = add("Relu", layer + ".relu", List.of(node));
    }
    valueNames.put(y, node);
  }

  @Override
  public void maxPool2d(Tensor x, int kernel, int stride, int padding, Tensor y) {
    String node =
        add(
            "MaxPool",
            "MaxPool",
            List.of(value(x)),
            OnnxProto.attribute("kernel_shape", kernel, kernel),
            OnnxProto.attribute("strides", stride, stride),
            OnnxProto.attribute("pads", padding, padding, padding, padding));
    valueNames.put(y, node);
  }

  @Override
  public void upsampleNearest2x(Tensor x, Tensor y) {
    initializers.computeIfAbsent(SCALES, name -> OnnxProto.tensor(name, 1, 1, 2, 2));
    String node =
        add(
            "Resize",
            "Resize",
            // The second input, a region of interest, is left out.
            List.of(value(x), "", SCALES),
            // Output i takes input floor(i / 2).
            OnnxProto.attribute("mode", "nearest"),
            OnnxProto.attribute("coordinate_transformation_mode", "asymmetric"),
            OnnxProto.attribute("nearest_mode", "floor"));
    valueNames.put(y, node);
  }

  @Override
  public void cat(Tensor a, Tensor b, int dim, Tensor y) {
    String node =
        add("Concat", "Concat", List.of(value(a), value(b)), OnnxProto.attribute("axis", dim));
    valueNames.put(y, node);
  }

  /** The graph that ends with a tensor which was computed while the tracer was started. */
  ProtoMessage build(String name, OnnxValue input, OnnxValue output, Tensor result) {
    String last = value(result);
    List<ProtoMessage> messages = new ArrayList<>();
    boolean computed = false;
    for (Node node : nodes) {
      computed |= node.name.equals(last);
      messages.add(
          OnnxProto.node(
              node.operator,
              node.name,
              node.inputs.stream().map(i -> i.equals(last) ? output.name() : i).toList(),
              node.name.equals(last) ? output.name() : node.name,
              node.attributes));
    }
    if (!computed) {
      throw new IllegalArgumentException("the network computes nothing: it returns '" + last + "'");
    }
    return OnnxProto.graph(
        name,
        messages,
        List.copyOf(initializers.values()),
        OnnxProto.value(input),
        OnnxProto.value(output));
  }

  /** Adds a node; returns its name, which is that of its output too. */
  private String add(
      String operator, String wanted, List<String> inputs, ProtoMessage... attributes) {
    String name = wanted;
    for (int i = 1; !usedNames.add(name); i++) {
      name = wanted + "_" + i;
    }
    nodes.add(new Node(operator, name, inputs, Arrays.asList(attributes)));
    return name;
  }

  /** The name of an operand; a weight becomes a part of the graph when it is first used. */
  private String value(Tensor tensor) {
    String value = valueNames.get(tensor);
    if (value != null) {
      return value;
    }
    String weight = weightNames.get(tensor);
    if (weight == null) {
      throw new IllegalArgumentException(
          "a tensor of shape "
              + tensor.shape()
              + " is neither the input nor a weight, nor was it computed by an operation that has"
              + " an ONNX form here");
    }
    initializers.computeIfAbsent(weight, name -> OnnxProto.tensor(name, tensor));
    return weight;
  }

  /** The layer that a weight belongs to, such as {@code conv1} for {@code conv1.weight}. */
  private String layer(Tensor weight, String otherwise) {
    String name = weightNames.getOrDefault(weight, "");
    int dot = name.lastIndexOf('.');
    return dot < 0 ? otherwise : name.substring(0, dot);
  }
}
