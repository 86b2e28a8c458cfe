package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

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
  public void conv(
      Tensor x, Tensor weight, Tensor bias, ConvOptions options, boolean transposed, Tensor y) {
    int rank = weight.shape().rank() - 2;
    List<String> inputs = new ArrayList<>(List.of(value(x), value(weight)));
    if (bias != null) {
      inputs.add(value(bias));
    }
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                Messages.attribute(
                    "kernel_shape", Arrays.copyOfRange(weight.shape().dims(), 2, rank + 2)),
                Messages.attribute("strides", each(options.stride(), rank)),
                Messages.attribute("pads", pads(options.begin(), options.end(), rank))));
    addDilations(options.dilation(), rank, attributes);
    if (options.groups() != 1) {
      attributes.add(Messages.attribute("group", options.groups()));
    }
    int[] more = each(options.outputPadding(), rank);
    if (transposed && Arrays.stream(more).anyMatch(d -> d != 0)) {
      attributes.add(Messages.attribute("output_padding", more));
    }
    String node =
        add(
            transposed ? "ConvTranspose" : "Conv",
            layer(weight, transposed ? "ConvTranspose" : "Conv"),
            inputs,
            attributes);
    valueNames.put(y, node);
  }

  private static int[] pads(int[] begin, int[] end, int rank) {
    int[] pads = Arrays.copyOf(each(begin, rank), 2 * rank);
    System.arraycopy(each(end, rank), 0, pads, rank, rank);
    return pads;
  }

  private static void addDilations(int[] dilation, int rank, List<AttributeProto> attributes) {
    if (Arrays.stream(dilation).anyMatch(d -> d != 1)) {
      attributes.add(Messages.attribute("dilations", each(dilation, rank)));
    }
  }

  /** A number for each dimension, of an option that has one for all or one for each. */
  private static int[] each(int[] values, int rank) {
    int[] each = new int[rank];
    Arrays.setAll(each, d -> values[values.length == 1 ? 0 : d]);
    return each;
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
  public void maxPool(int rank, Tensor x, PoolOptions options, Tensor y) {
    if (x.shape().rank() != rank + 2) {
      return;
    }
    int[] stride = options.stride() == null ? options.kernel() : options.stride();
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                Messages.attribute("kernel_shape", each(options.kernel(), rank)),
                Messages.attribute("strides", each(stride, rank)),
                Messages.attribute("pads", pads(options.begin(), options.end(), rank))));
    addDilations(options.dilation(), rank, attributes);
    if (options.ceilMode()) {
      attributes.add(Messages.attribute("ceil_mode", 1));
    }
    valueNames.put(y, add("MaxPool", "MaxPool", List.of(value(x)), attributes));
  }

  @Override
  public void resize(Tensor x, double[] scales, ResizeOptions options, Tensor y) {
    boolean known =
        !options.antialias()
            && options.coordinates() != ResizeOptions.Coordinates.HALF_PIXEL_SYMMETRIC
            && options.coordinates() != ResizeOptions.Coordinates.TF_CROP_AND_RESIZE;
    if (scales == null || !known) {
      // Sizes hold for one size of input, and these modes came with later opsets.
      return;
    }
    float[] all = new float[x.shape().rank()];
    Arrays.fill(all, 1);
    for (int d = 0; d < scales.length; d++) {
      all[all.length - scales.length + d] = (float) scales[d];
    }
    String name = SCALES;
    for (int i = 1; constants.containsKey(name) && !Arrays.equals(constants.get(name), all); i++) {
      name = SCALES + "_" + i;
    }
    constants.put(name, all);
    String node =
        add(
            "Resize",
            "Resize",
            // The second input, a region of interest, is left out.
            List.of(value(x), "", name),
            List.of(
                Messages.attribute("mode", lowerCase(options.mode())),
                Messages.attribute(
                    "coordinate_transformation_mode", lowerCase(options.coordinates())),
                Messages.attribute("nearest_mode", lowerCase(options.rounding())),
                Messages.attribute("cubic_coeff_a", (float) options.cubic()),
                Messages.attribute("exclude_outside", options.excludeOutside() ? 1 : 0)));
    valueNames.put(y, node);
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
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
    return add(operator, wanted, inputs, List.of(attributes));
  }

  private String add(
      String operator, String wanted, List<String> inputs, List<AttributeProto> attributes) {
    String name = wanted;
    for (int i = 1; !usedNames.add(name); i++) {
      name = wanted + "_" + i;
    }
    nodes.add(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addAllAttribute(attributes));
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
