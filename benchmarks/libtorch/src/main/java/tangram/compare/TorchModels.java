package tangram.compare;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.UnaryOperator;
import tangram.nn.model.Gpt2;
import tangram.nn.model.VisionTransformer;

/**
 * Networks of the module nn in libtorch, one kernel after the other as eager PyTorch calls them:
 * ResNet as torchvision's, with its rectifiers and sums in place; ViT with one product for queries,
 * keys and values, and fused attention, as timm's; GPT-2 as Hugging Face's, with fused attention,
 * the fused GELU and a cache that is written in place; LSTM as {@code torch.nn.LSTM}.
 *
 * <p>What is not as in PyTorch: calls go through JNI instead of Python, optimizers and caches are
 * the fastest that it has and not its defaults, GELU of GPT-2 is one kernel instead of Hugging
 * Face's several. Nothing is compiled by {@code torch.compile}, and memory has its usual order, not
 * {@code channels_last}.
 */
final class TorchModels {
  private static final double VIT_EPS = 1e-6;

  private final TorchLayers layers;
  private final TorchParameters parameters;
  private final TorchFunctions functions;

  /**
   * Creates the networks with given parameters.
   *
   * @param training whether batch norms use the batch's own statistics
   */
  TorchModels(Libtorch libtorch, TorchParameters parameters, boolean training) {
    this.parameters = parameters;
    layers = new TorchLayers(parameters, training);
    functions = new TorchFunctions(libtorch);
  }

  /** An operation on what nothing else reads. */
  private static PtNDArray then(PtNDArray x, UnaryOperator<PtNDArray> operation) {
    try (x) {
      return operation.apply(x);
    }
  }

  /** The kernels that DJL does not have. */
  TorchFunctions functions() {
    return functions;
  }

  /** What segments after training: images [N, 1, H, W] to logits [N, classes, H, W]. */
  PtNDArray segmentation(PtNDArray images) {
    return new TorchUnet(layers).forward(new TorchEncoder(layers).forward(images));
  }

  /** ResNet-18: images [N, 3, H, W] to logits. */
  PtNDArray resNet18(PtNDArray images) {
    PtNDArray y = functions.reluInPlace(layers.convBn(images, "conv1", "bn1", 2));
    y = then(y, x -> TorchOps.maxPool(x, 3, 2, 1));
    for (int stage = 1; stage <= 4; stage++) {
      for (int block = 0; block < 2; block++) {
        String name = "layer" + stage + "." + block;
        int stride = stage > 1 && block == 0 ? 2 : 1;
        y = then(y, x -> basicBlock(x, name, stride));
      }
    }
    y = then(y, x -> JniUtils.adaptiveAvgPool(x, new Shape(1, 1)));
    y = then(y, x -> TorchOps.reshape(x, x.getShape().get(0), -1));
    return then(y, x -> layers.linear(x, "fc"));
  }

  private PtNDArray basicBlock(PtNDArray x, String name, int stride) {
    PtNDArray first = layers.convBn(x, name + ".conv1", name + ".bn1", stride);
    PtNDArray y =
        then(
            functions.reluInPlace(first), t -> layers.convBn(t, name + ".conv2", name + ".bn2", 1));
    if (parameters.has(name + ".downsample.0.weight")) {
      String shortcut = name + ".downsample.";
      try (PtNDArray s = layers.convBn(x, shortcut + "0", shortcut + "1", stride)) {
        JniUtils.addi(y, s);
      }
    } else {
      JniUtils.addi(y, x);
    }
    return functions.reluInPlace(y);
  }

  /** ViT: images [N, 3, side, side] to logits. */
  PtNDArray vit(PtNDArray images, VisionTransformer.Config config) {
    long n = images.getShape().get(0);
    int features = config.features();
    PtNDArray tokens =
        Libtorch.scoped(
            () -> {
              PtNDArray map =
                  TorchOps.conv2d(
                      images,
                      parameters.get("conv_proj.weight"),
                      parameters.get("conv_proj.bias"),
                      config.patch(),
                      0);
              PtNDArray patches = TorchOps.permute(TorchOps.reshape(map, n, features, -1), 0, 2, 1);
              PtNDArray first =
                  JniUtils.broadcast(parameters.get("class_token"), new Shape(n, 1, features));
              return TorchOps.addTo(
                  TorchOps.cat(first, patches, 1), parameters.get("encoder.pos_embedding"));
            });
    for (int i = 0; i < config.layers(); i++) {
      String name = "encoder.layers.encoder_layer_" + i;
      tokens = then(tokens, x -> vitBlock(x, name, config.heads()));
    }
    return then(
        tokens,
        x ->
            Libtorch.scoped(
                () -> {
                  PtNDArray y = layers.layerNorm(x, "encoder.ln", VIT_EPS);
                  PtNDArray first = JniUtils.squeeze(JniUtils.slice(y, 1, 0, 1, 1), 1);
                  return layers.linear(first, "heads.head");
                }));
  }

  private PtNDArray vitBlock(PtNDArray x, String name, int heads) {
    String attention = name + ".self_attention.";
    PtNDArray middle =
        Libtorch.scoped(
            () -> {
              PtNDArray[] qkv =
                  split(
                      then(
                          layers.layerNorm(x, name + ".ln_1", VIT_EPS),
                          t ->
                              JniUtils.linear(
                                  t,
                                  parameters.get(attention + "in_proj_weight"),
                                  parameters.get(attention + "in_proj_bias"))),
                      heads);
              PtNDArray attended = merge(functions.attention(qkv[0], qkv[1], qkv[2]));
              return TorchOps.addTo(layers.linear(attended, attention + "out_proj"), x);
            });
    return then(
        middle,
        m -> {
          PtNDArray y = layers.layerNorm(m, name + ".ln_2", VIT_EPS);
          y = then(y, t -> layers.linear(t, name + ".mlp.0"));
          y = then(y, JniUtils::gelu);
          y = then(y, t -> layers.linear(t, name + ".mlp.3"));
          return TorchOps.addTo(y, m);
        });
  }

  /** [N, L, 3 heads d] to three views [N, heads, L, d]. */
  private static PtNDArray[] split(PtNDArray qkv, int heads) {
    Shape shape = qkv.getShape();
    PtNDArray each =
        TorchOps.permute(
            TorchOps.reshape(
                qkv, shape.get(0), shape.get(1), 3, heads, shape.get(2) / (3L * heads)),
            2,
            0,
            3,
            1,
            4);
    PtNDArray[] parts = new PtNDArray[3];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = JniUtils.getItem(each, new long[] {i}, qkv.getManager());
    }
    return parts;
  }

  /** [N, heads, L, d] to [N, L, heads d]. */
  private static PtNDArray merge(PtNDArray x) {
    Shape shape = x.getShape();
    return TorchOps.reshape(
        JniUtils.transpose(x, 1, 2), shape.get(0), shape.get(2), shape.get(1) * shape.get(3));
  }

  /** Keys and values of GPT-2: for each layer two of [1, heads, capacity, d]. */
  static PtNDArray[][] cache(Libtorch libtorch, Gpt2.Config config, int capacity) {
    PtNDArray[][] cache = new PtNDArray[config.layers()][2];
    int[] dims = {1, config.heads(), capacity, config.features() / config.heads()};
    for (PtNDArray[] layer : cache) {
      for (int i = 0; i < 2; i++) {
        layer[i] = libtorch.array(new float[capacity * config.features()], dims);
      }
    }
    return cache;
  }

  /**
   * GPT-2's logits behind the last of some tokens.
   *
   * @param tokens [1, L]
   * @param start how many tokens the cache holds
   */
  PtNDArray gpt2(PtNDArray tokens, int start, PtNDArray[][] cache, Gpt2.Config config) {
    long length = tokens.getShape().get(1);
    PtNDArray weights = parameters.get("transformer.wte.weight");
    PtNDArray x =
        Libtorch.scoped(
            () ->
                JniUtils.add(
                    JniUtils.embedding(tokens, weights, false),
                    JniUtils.slice(
                        parameters.get("transformer.wpe.weight"), 0, start, start + length, 1)));
    for (int i = 0; i < config.layers(); i++) {
      String name = "transformer.h." + i;
      PtNDArray[] layer = cache[i];
      x = then(x, t -> gpt2Block(t, name, start, layer, config));
    }
    return then(
        x,
        t ->
            Libtorch.scoped(
                () -> {
                  PtNDArray y = layers.layerNorm(t, "transformer.ln_f", config.eps());
                  return JniUtils.linear(
                      JniUtils.slice(y, 1, length - 1, length, 1), weights, null);
                }));
  }

  private PtNDArray gpt2Block(
      PtNDArray x, String name, int start, PtNDArray[] cache, Gpt2.Config config) {
    return Libtorch.scoped(
        () -> {
          PtNDArray normed = layers.layerNorm(x, name + ".ln_1", config.eps());
          PtNDArray[] qkv = split(conv1D(normed, name + ".attn.c_attn"), config.heads());
          PtNDArray attended =
              merge(functions.cachedAttention(qkv[0], qkv[1], qkv[2], cache[0], cache[1], start));
          PtNDArray m = TorchOps.addTo(conv1D(attended, name + ".attn.c_proj"), x);
          PtNDArray y = layers.layerNorm(m, name + ".ln_2", config.eps());
          y = then(y, t -> conv1D(t, name + ".mlp.c_fc"));
          y = then(y, functions::geluTanh);
          y = then(y, t -> conv1D(t, name + ".mlp.c_proj"));
          return TorchOps.addTo(y, m);
        });
  }

  /** A linear map whose weights are [in, out]; libtorch reads them as they lie. */
  private PtNDArray conv1D(PtNDArray x, String name) {
    try (PtNDArray weight = JniUtils.transpose(parameters.get(name + ".weight"), 0, 1)) {
      return JniUtils.linear(x, weight, parameters.get(name + ".bias"));
    }
  }

  /** An LSTM in training and a linear map of its last output: [T, N, in] to logits. */
  PtNDArray lstm(PtNDArray x, int layerCount) {
    return Libtorch.scoped(
        () -> {
          NDList weights = new NDList();
          for (int i = 0; i < layerCount; i++) {
            for (String part : new String[] {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
              weights.add(parameters.get("lstm." + part + "_l" + i));
            }
          }
          long size = weights.get(1).getShape().get(1);
          NDArray zeros = x.getManager().zeros(new Shape(layerCount, x.getShape().get(1), size));
          NDList y =
              JniUtils.lstm(
                  x, new NDList(zeros, zeros), weights, true, layerCount, 0, true, false, false);
          long last = x.getShape().get(0) - 1;
          PtNDArray output =
              JniUtils.squeeze(JniUtils.slice((PtNDArray) y.get(0), 0, last, last + 1, 1), 0);
          return layers.linear(output, "fc");
        });
  }
}
