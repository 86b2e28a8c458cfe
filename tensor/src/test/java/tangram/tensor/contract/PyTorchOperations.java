package tangram.tensor.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.SoftmaxOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;

/** Does with tensors what PyTorch did for a fixture. */
final class PyTorchOperations {
  private PyTorchOperations() {}

  /** What to compare with the fixture, by its names. */
  record Result(Map<String, Tensor> outputs, Map<String, Tensor> gradients) {}

  static Result run(PyTorchCases.Case c, Map<String, Tensor> inputs) {
    if (c.operation().equals("matmul")) {
      return matmul(c, inputs);
    }
    Map<String, Tensor> outputs = forward(c, inputs);
    Device device = inputs.values().iterator().next().device();
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> seed : c.seeds(device).entrySet()) {
      outputs.get(seed.getKey()).backward(seed.getValue());
    }
    for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
      if (e.getValue().grad() != null) {
        gradients.put(e.getKey(), e.getValue().grad());
      }
    }
    return new Result(outputs, gradients);
  }

  private static Map<String, Tensor> forward(PyTorchCases.Case c, Map<String, Tensor> in) {
    switch (c.operation()) {
      case "batch_norm":
        return batchNorm(c, in);
      default:
        return Map.of("y", single(c, in));
    }
  }

  private static Tensor single(PyTorchCases.Case c, Map<String, Tensor> in) {
    Tensor x = in.get("x");
    Tensor a = in.get("a");
    Tensor b = in.get("b");
    switch (c.operation()) {
      case "conv2d":
        return ConvOp.conv2d(
            x, in.get("weight"), in.get("bias"), integer(c, "stride"), integer(c, "padding"));
      case "linear":
        return LinearOp.linear(x, in.get("weight"), in.get("bias"));
      case "batch_norm_inference":
        return NormOp.batchNormInference(
            x,
            in.get("residual"),
            in.get("weight"),
            in.get("bias"),
            in.get("running_mean"),
            in.get("running_var"),
            number(c, "eps"),
            c.attribute("relu").asBoolean());
      case "layer_norm":
        return NormOp.layerNorm(
            x, in.get("weight").shape(), in.get("weight"), in.get("bias"), number(c, "eps"));
      case "normalize":
        return NormalizeOp.normalize(x, 2, 1, 1e-12);
      case "relu":
        return x.relu();
      case "gelu":
        return x.gelu();
      case "softmax":
        return SoftmaxOp.softmax(x, integer(c, "dim"));
      case "max_pool2d":
        return PoolOp.maxPool2d(
            x, integer(c, "kernel_size"), integer(c, "stride"), integer(c, "padding"));
      case "upsample_nearest2x":
        return ResizeOp.upsampleNearest2x(x);
      case "resize_bilinear":
        return ResizeOp.bilinear(x, integer(c, "height"), integer(c, "width"));
      case "cat":
        return Tensor.cat(integer(c, "dim"), a, b);
      case "permute":
        return x.permute(integers(c.attribute("dims")));
      case "patch_expand":
        return patchExpand(x, integer(c, "scale"));
      case "index_select":
        return x.indexSelect(0, in.get("index"));
      case "add":
        return a.add(b);
      case "drop_path":
        return x.mul(in.get("mask").reshape(x.dim(0), 1, 1));
      case "lerp":
        return a.lerp(b, number(c, "t"));
      case "sum":
        return x.sum();
      case "mean":
        return x.sum().mul(x.device().scalar(1.0 / x.size()));
      case "argmax":
        return x.argmax(integer(c, "dim"));
      case "window_partition":
        return WindowPartitionOp.windowPartition(x, integer(c, "window"), integer(c, "shift"));
      case "window_reverse":
        return WindowPartitionOp.windowReverse(
            x,
            integer(c, "batch"),
            integer(c, "height"),
            integer(c, "width"),
            integer(c, "window"),
            integer(c, "shift"));
      case "relative_position_bias":
        return relativePositionBias(in.get("table"), integer(c, "window"));
      case "window_attention":
        return WindowAttentionOp.windowAttention(in.get("qkv"), in.get("bias"), in.get("mask"));
      default:
        throw new IllegalArgumentException("no operation for the fixtures of " + c.operation());
    }
  }

  private static Map<String, Tensor> batchNorm(PyTorchCases.Case c, Map<String, Tensor> in) {
    Tensor y =
        NormOp.batchNorm(
            in.get("x"),
            in.get("residual"),
            in.get("weight"),
            in.get("bias"),
            in.get("running_mean"),
            in.get("running_var"),
            number(c, "momentum"),
            number(c, "eps"),
            c.attribute("relu").asBoolean());
    return Map.of(
        "y", y, "running_mean", in.get("running_mean"), "running_var", in.get("running_var"));
  }

  /** Feature (p1, p2, c) of token (h, w) becomes feature c of token (h s + p1, w s + p2). */
  private static Tensor patchExpand(Tensor x, int scale) {
    int n = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int c = x.dim(3) / (scale * scale);
    Tensor split = x.reshape(n, h, w, scale, scale, c);
    return split.permute(0, 1, 3, 2, 4, 5).reshape(n, h * scale, w * scale, c);
  }

  /** Rows of the table by the offset between two tokens; [heads, tokens, tokens]. */
  private static Tensor relativePositionBias(Tensor table, int window) {
    int tokens = window * window;
    int[] index = new int[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < tokens; j++) {
        int dy = i / window - j / window + window - 1;
        int dx = i % window - j % window + window - 1;
        index[i * tokens + j] = dy * (2 * window - 1) + dx;
      }
    }
    Tensor rows = table.indexSelect(0, table.device().tensor(index, index.length));
    return rows.permute(1, 0).reshape(table.dim(1), tokens, tokens);
  }

  /** The product of the kernel and, from the same kernel, its two gradients. */
  private static Result matmul(PyTorchCases.Case c, Map<String, Tensor> in) {
    boolean ta = c.attribute("transpose_a").asBoolean();
    boolean tb = c.attribute("transpose_b").asBoolean();
    Tensor a = in.get("a");
    Tensor b = in.get("b");
    int m = a.dim(ta ? -1 : -2);
    int k = a.dim(ta ? -2 : -1);
    int n = b.dim(tb ? -2 : -1);
    int batch = a.size() / (m * k);
    int[] dims = a.shape().dims();
    dims[dims.length - 2] = m;
    dims[dims.length - 1] = n;
    Tensor gy = c.seeds(a.device()).get("y");
    Tensor y = gemm(batch, ta, tb, m, n, k, a, b, dims);
    int[] dimsA = a.shape().dims();
    int[] dimsB = b.shape().dims();
    Tensor ga =
        ta
            ? gemm(batch, tb, true, k, m, n, b, gy, dimsA)
            : gemm(batch, false, !tb, m, k, n, gy, b, dimsA);
    Tensor gb =
        tb
            ? gemm(batch, true, ta, n, k, m, gy, a, dimsB)
            : gemm(batch, !ta, false, k, n, m, a, gy, dimsB);
    return new Result(Map.of("y", y), Map.of("a", ga, "b", gb));
  }

  private static Tensor gemm(
      int batch, boolean ta, boolean tb, int m, int n, int k, Tensor a, Tensor b, int[] dims) {
    Tensor c = a.device().empty(dims);
    GemmShape shape = new GemmShape(batch, ta, tb, m, n, k, m * k, k * n);
    a.device().kernels().linearAlgebra().gemm(shape, a.buffer(), b.buffer(), c.buffer(), false);
    return c;
  }

  private static int integer(PyTorchCases.Case c, String name) {
    return c.attribute(name).asInt();
  }

  private static double number(PyTorchCases.Case c, String name) {
    return c.attribute(name).asDouble();
  }

  private static int[] integers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
