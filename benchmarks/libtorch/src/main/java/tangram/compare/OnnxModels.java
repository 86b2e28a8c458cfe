package tangram.compare;

import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tangram.nn.Layer;
import tangram.nn.model.VisionTransformer;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.AttributeProto.AttributeType;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.onnx.Onnx.TypeProto;
import tangram.onnx.Onnx.ValueInfoProto;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Networks of the module nn as ONNX models (opset 17) of a fixed batch, with the nodes that
 * PyTorch's exporter writes, which ONNX Runtime knows to fuse.
 */
final class OnnxModels {
  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;
  private static final String INPUT = "x";
  private static final String OUTPUT = "y";
  private static final float VIT_EPS = 1e-6f;

  private final Map<String, Tensor> state;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("model");
  private int count;

  private OnnxModels(Layer network, int[] dims) {
    state = network.state();
    graph.addInput(value(INPUT, dims));
  }

  /** ResNet-18 for images of a shape, [N, 3, H, W]. */
  static byte[] resNet18(Layer network, int... dims) {
    OnnxModels m = new OnnxModels(network, dims);
    String y = m.relu(m.convBn(INPUT, "conv1", "bn1", 2));
    y =
        m.node(
            "MaxPool",
            List.of(y),
            ints("kernel_shape", 3, 3),
            ints("strides", 2, 2),
            ints("pads", 1, 1, 1, 1));
    for (int stage = 1; stage <= 4; stage++) {
      for (int block = 0; block < 2; block++) {
        String name = "layer" + stage + "." + block + ".";
        int stride = stage > 1 && block == 0 ? 2 : 1;
        String inner = m.relu(m.convBn(y, name + "conv1", name + "bn1", stride));
        inner = m.convBn(inner, name + "conv2", name + "bn2", 1);
        String shortcut =
            m.state.containsKey(name + "downsample.0.weight")
                ? m.convBn(y, name + "downsample.0", name + "downsample.1", stride)
                : y;
        y = m.relu(m.node("Add", List.of(inner, shortcut)));
      }
    }
    y = m.node("Flatten", List.of(m.node("GlobalAveragePool", List.of(y))));
    return m.finish(m.gemm(y, "fc"), dims[0], "fc");
  }

  /** What segments after training, as {@code bin/pclmix export} writes it. */
  static byte[] segmentation(Layer network) {
    try {
      Path file = Files.createTempFile("segmentation", ".onnx");
      try {
        new OnnxWriter(
                new OnnxValue(INPUT, "", List.of("batch", "1", "height", "width")),
                new OnnxValue(OUTPUT, "", List.of("batch", "classes", "height", "width")))
            .write("segmentation", network, network::forward, Shape.of(1, 1, 32, 32), file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** ViT for one image. */
  static byte[] vit(Layer network, VisionTransformer.Config config) {
    int side = config.image();
    OnnxModels m = new OnnxModels(network, new int[] {1, 3, side, side});
    int features = config.features();
    int patch = config.patch();
    String y =
        m.node(
            "Conv",
            List.of(INPUT, m.weight("conv_proj.weight"), m.weight("conv_proj.bias")),
            ints("strides", patch, patch));
    y = m.reshape(y, 0, features, -1);
    y = m.transpose(y, 0, 2, 1);
    y = m.node("Concat", List.of(m.weight("class_token"), y), integer("axis", 1));
    y = m.node("Add", List.of(y, m.weight("encoder.pos_embedding")));
    for (int i = 0; i < config.layers(); i++) {
      y = m.vitBlock(y, "encoder.layers.encoder_layer_" + i + ".", config);
    }
    y = m.layerNorm(y, "encoder.ln");
    y = m.node("Gather", List.of(y, m.integers(0)), integer("axis", 1));
    y = m.gemm(m.node("Flatten", List.of(y)), "heads.head");
    return m.finish(y, 1, "heads.head");
  }

  private String vitBlock(String x, String name, VisionTransformer.Config config) {
    String attention = name + "self_attention.";
    int heads = config.heads();
    int dim = config.features() / heads;
    String qkv =
        linear(
            layerNorm(x, name + "ln_1"), attention + "in_proj_weight", attention + "in_proj_bias");
    String each = transpose(reshape(qkv, 0, 0, 3, heads, dim), 2, 0, 3, 1, 4);
    String[] parts = new String[3];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = node("Gather", List.of(each, integers(i)), integer("axis", 0));
      // The index is a list of one: its dimension goes.
      parts[i] = node("Squeeze", List.of(parts[i], integers(0)));
    }
    String scores = node("MatMul", List.of(parts[0], transpose(parts[1], 0, 1, 3, 2)));
    scores = node("Mul", List.of(scores, scalar((float) (1 / Math.sqrt(dim)))));
    String weights = node("Softmax", List.of(scores), integer("axis", -1));
    String attended = transpose(node("MatMul", List.of(weights, parts[2])), 0, 2, 1, 3);
    String out = attention + "out_proj.";
    String y = linear(reshape(attended, 0, 0, config.features()), out + "weight", out + "bias");
    String middle = node("Add", List.of(y, x));
    y = linear(layerNorm(middle, name + "ln_2"), name + "mlp.0.weight", name + "mlp.0.bias");
    String erf = node("Erf", List.of(node("Div", List.of(y, scalar((float) Math.sqrt(2))))));
    y = node("Mul", List.of(y, node("Add", List.of(erf, scalar(1)))));
    y = node("Mul", List.of(y, scalar(0.5f)));
    y = linear(y, name + "mlp.3.weight", name + "mlp.3.bias");
    return node("Add", List.of(y, middle));
  }

  private String relu(String x) {
    return node("Relu", List.of(x));
  }

  /** A convolution whose padding is half of its kernel, and the norm that follows. */
  private String convBn(String x, String conv, String norm, int stride) {
    int padding = state.get(conv + ".weight").dim(2) / 2;
    String y =
        node(
            "Conv",
            List.of(x, weight(conv + ".weight")),
            ints("strides", stride, stride),
            ints("pads", padding, padding, padding, padding));
    List<String> inputs = new ArrayList<>(List.of(y));
    for (String part : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
      inputs.add(weight(norm + part));
    }
    return node("BatchNormalization", inputs);
  }

  private String layerNorm(String x, String name) {
    return node(
        "LayerNormalization",
        List.of(x, weight(name + ".weight"), weight(name + ".bias")),
        integer("axis", -1),
        AttributeProto.newBuilder()
            .setName("epsilon")
            .setType(AttributeType.FLOAT)
            .setF(VIT_EPS)
            .build());
  }

  /** A linear map of the last dimension; its weights lie transposed, as exporters write them. */
  private String linear(String x, String weight, String bias) {
    Tensor w = state.get(weight);
    float[] values = w.transpose(0, 1).contiguous().toFloats();
    graph.addInitializer(tensor(weight, values, w.dim(1), w.dim(0)));
    return node("Add", List.of(node("MatMul", List.of(x, weight)), weight(bias)));
  }

  private String gemm(String x, String name) {
    return node(
        "Gemm", List.of(x, weight(name + ".weight"), weight(name + ".bias")), integer("transB", 1));
  }

  private String reshape(String x, int... dims) {
    return node("Reshape", List.of(x, integers(dims)));
  }

  private String transpose(String x, int... order) {
    return node("Transpose", List.of(x), ints("perm", order));
  }

  private String node(String operator, List<String> inputs, AttributeProto... attributes) {
    String name = operator + "_" + count++;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addAllAttribute(Arrays.asList(attributes))
            .addOutput(name));
    return name;
  }

  private String weight(String name) {
    Tensor w = state.get(name);
    graph.addInitializer(tensor(name, w.toFloats(), w.shape().dims()));
    return name;
  }

  private String scalar(float value) {
    String name = "scalar_" + count++;
    graph.addInitializer(tensor(name, new float[] {value}));
    return name;
  }

  private String integers(int... values) {
    String name = "integers_" + count++;
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    for (int value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return name;
  }

  private static TensorProto tensor(String name, float[] values, int... dims) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    for (int d : dims) {
      tensor.addDims(d);
    }
    return tensor.build();
  }

  private static AttributeProto integer(String name, int value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  private static AttributeProto ints(String name, int... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (int value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static ValueInfoProto value(String name, int... dims) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
    for (int d : dims) {
      tensor.getShapeBuilder().addDimBuilder().setDimValue(d);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** The file whose output is a node's, the logits of a layer. */
  private byte[] finish(String last, int batch, String layer) {
    graph.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(last).addOutput(OUTPUT));
    graph.addOutput(value(OUTPUT, batch, state.get(layer + ".bias").size()));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .build()
        .toByteArray();
  }
}
