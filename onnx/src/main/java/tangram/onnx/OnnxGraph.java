package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/** Collects the ONNX nodes of the operations it follows. Operators are those of opset 17. */
final class OnnxGraph extends Tracer {
  private static final String SCALES = "upsample.scales";

  private final Map<Tensor, String> weightNames = new IdentityHashMap<>();
  private final Map<Tensor, String> valueNames = new IdentityHashMap<>();
  private final Set<String> usedNames = new HashSet<>();
  private final Map<String, Tensor> usedWeights = new LinkedHashMap<>();
  private final Map<String, float[]> constants = new LinkedHashMap<>();
  private final List<NodeProto.Builder> nodes = new ArrayList<>();

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
            Messages.attribute("kernel_shape", weight.dim(2), weight.dim(3)),
            Messages.attribute("strides", stride, stride),
            Messages.attribute("pads", padding, padding, padding, padding));
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
            Messages.attribute("epsilon", (float) eps));
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
            Messages.attribute("kernel_shape", kernel, kernel),
            Messages.attribute("strides", stride, stride),
            Messages.attribute("pads", padding, padding, padding, padding));
    valueNames.put(y, node);
  }

  @Override
  public void upsampleNearest2x(Tensor x, Tensor y) {
    constants.put(SCALES, new float[] {1, 1, 2, 2});
    String node =
        add(
            "Resize",
            "Resize",
            // The second input, a region of interest, is left out.
            List.of(value(x), "", SCALES),
            // Output i takes input floor(i / 2).
            Messages.attribute("mode", "nearest"),
            Messages.attribute("coordinate_transformation_mode", "asymmetric"),
            Messages.attribute("nearest_mode", "floor"));
    valueNames.put(y, node);
  }

  @Override
  public void cat(Tensor[] parts, int dim, Tensor y) {
    List<String> values = Arrays.stream(parts).map(this::value).toList();
    String node = add("Concat", "Concat", values, Messages.attribute("axis", dim));
    valueNames.put(y, node);
  }

  /** Bytes of the weights that the nodes use. */
  long weightBytes() {
    return usedWeights.values().stream().mapToLong(w -> (long) w.size() * Float.BYTES).sum();
  }

  /** The graph that ends with a tensor which was computed while the tracer was started. */
  GraphProto build(String name, OnnxValue input, OnnxValue output, Tensor result) {
    String last = value(result);
    if (nodes.stream().noneMatch(node -> node.getName().equals(last))) {
      throw new IllegalArgumentException("the network computes nothing: it returns '" + last + "'");
    }
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
    for (NodeProto.Builder node : nodes) {
      for (int i = 0; i < node.getInputCount(); i++) {
        if (node.getInput(i).equals(last)) {
          node.setInput(i, output.name());
        }
      }
      graph.addNode(node.addOutput(node.getName().equals(last) ? output.name() : node.getName()));
    }
    constants.forEach((key, values) -> graph.addInitializer(Messages.tensor(key, values)));
    usedWeights.forEach((key, weight) -> graph.addInitializer(Messages.tensor(key, weight)));
    return graph.addInput(input.message()).addOutput(output.message()).build();
  }

  /** Adds a node; returns its name, which is that of its output too. */
  private String add(
      String operator, String wanted, List<String> inputs, AttributeProto... attributes) {
    String name = wanted;
    for (int i = 1; !usedNames.add(name); i++) {
      name = wanted + "_" + i;
    }
    nodes.add(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addAllAttribute(Arrays.asList(attributes)));
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
    usedWeights.put(weight, tensor);
    return weight;
  }

  /** The layer that a weight belongs to, such as {@code conv1} for {@code conv1.weight}. */
  private String layer(Tensor weight, String otherwise) {
    String name = weightNames.getOrDefault(weight, "");
    int dot = name.lastIndexOf('.');
    return dot < 0 ? otherwise : name.substring(0, dot);
  }
}
