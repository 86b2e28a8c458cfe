package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.HashMap;
import java.util.Map;
import tangram.nn.DropPath;
import tangram.pclmix.network.NetworkConfig;
import tangram.tensor.CounterRandom;

/** The Swin decoder in libtorch. */
final class TorchSwin {
  private static final int LEVELS = 3;
  private static final int BRANCHES = 2;

  private final Libtorch libtorch;
  private final TorchLayers layers;
  private final NetworkConfig config;
  private final PtNDArray relativePositions;
  private final Map<Integer, PtNDArray> attentionMasks = new HashMap<>();
  private final Map<String, PtNDArray> dropPathMasks = new HashMap<>();

  TorchSwin(Libtorch libtorch, TorchLayers layers, NetworkConfig config) {
    this.libtorch = libtorch;
    this.layers = layers;
    this.config = config;
    int[] index = TorchWindows.relativePositions(config.swinWindow());
    this.relativePositions = libtorch.array(index, index.length);
  }

  /** Draws the masks that {@link DropPath#resampleAll} draws for a pass. */
  void resampleDropPath(int batch, long seed, long step, int pass) {
    dropPathMasks.values().forEach(PtNDArray::close);
    dropPathMasks.clear();
    CounterRandom random = new CounterRandom(seed, DropPath.PURPOSE, step, pass);
    for (int level = 0; level < LEVELS; level++) {
      for (int block = 0; block < BRANCHES; block++) {
        int depth = 2 * (LEVELS - 1 - level) + block;
        double rate = config.dropPath() * depth / (2 * LEVELS - 1);
        for (int branch = 1; branch <= BRANCHES && rate > 0; branch++) {
          float[] values = new float[batch];
          for (int i = 0; i < batch; i++) {
            values[i] = random.nextDouble() < rate ? 0 : (float) (1 / (1 - rate));
          }
          dropPathMasks.put(
              block(level, block) + "drop_path" + branch,
              Libtorch.keep(libtorch.array(values, batch, 1, 1, 1)));
        }
      }
    }
  }

  private static String block(int level, int block) {
    return "transformer.up." + level + ".blocks." + block + ".";
  }

  /** Logits [N, classes, H, W] from the features of {@link TorchEncoder}. */
  PtNDArray forward(PtNDArray[] features) {
    PtNDArray y = embed(features[LEVELS + 1], LEVELS);
    for (int level = 0; level < LEVELS; level++) {
      int stage = LEVELS - 1 - level;
      PtNDArray joined = join(y, embed(features[stage + 1], stage), level);
      y = swinBlock(swinBlock(joined, block(level, 0), false), block(level, 1), true);
    }
    return finalExpand(y);
  }

  /** [N, C, H, W] to tokens [N, H, W, dim] with position embedding. */
  private PtNDArray embed(PtNDArray x, int stage) {
    String name = "transformer.embed." + stage + ".";
    return Libtorch.scoped(
        () -> {
          PtNDArray map = layers.conv(x, name + "proj", 1);
          PtNDArray tokens = layers.layerNorm(TorchOps.permute(map, 0, 2, 3, 1), name + "norm");
          long h = tokens.getShape().get(1);
          long w = tokens.getShape().get(2);
          PtNDArray position =
              TorchOps.reshape(
                  layers.parameters().get(name + "position"), h, w, tokens.getShape().get(3));
          return JniUtils.add(tokens, position);
        });
  }

  /** Doubles height and width, joins the skip and reduces the channels. */
  private PtNDArray join(PtNDArray x, PtNDArray skip, int level) {
    String name = "transformer.up." + level + ".";
    return Libtorch.scoped(
        () -> {
          PtNDArray pixels = toPixels(x, name + "expand.expand", name + "expand.norm", 2);
          long[] s = pixels.getShape().getShape();
          PtNDArray up =
              TorchOps.reshape(
                  TorchOps.permute(pixels, 0, 1, 3, 2, 4, 5), s[0], 2 * s[1], 2 * s[2], s[5]);
          return layers.linear(TorchOps.cat(up, skip, 3), name + "concat");
        });
  }

  /** Expands each token to scale x scale pixels: [N, H, W, scale, scale, C], normalised. */
  private PtNDArray toPixels(PtNDArray x, String expand, String norm, int scale) {
    long[] s = x.getShape().getShape();
    PtNDArray wide = layers.linear(x, expand);
    PtNDArray pixels = TorchOps.reshape(wide, s[0], s[1], s[2], scale, scale, -1);
    return layers.layerNorm(pixels, norm);
  }

  /** Four times height and width; the pixels are put in their places last, when they are few. */
  private PtNDArray finalExpand(PtNDArray x) {
    String name = "transformer.final.";
    return Libtorch.scoped(
        () -> {
          PtNDArray pixels = toPixels(x, name + "expand", name + "norm", 4);
          PtNDArray logits = layers.linear(pixels, name + "head");
          long[] s = logits.getShape().getShape();
          return TorchOps.reshape(
              TorchOps.permute(logits, 0, 5, 1, 3, 2, 4), s[0], s[5], 4 * s[1], 4 * s[2]);
        });
  }

  private PtNDArray swinBlock(PtNDArray x, String name, boolean shifted) {
    int window = config.swinWindow();
    int shift = shifted ? window / 2 : 0;
    long[] s = x.getShape().getShape();
    PtNDArray y =
        Libtorch.scoped(
            () -> {
              PtNDArray norm = layers.layerNorm(x, name + "norm1");
              PtNDArray windows = TorchWindows.partition(norm, window, shift);
              PtNDArray qkv = layers.linear(windows, name + "attn.qkv");
              PtNDArray bias = bias(name + "attn.relative_position_bias_table");
              PtNDArray mask = shifted ? mask((int) s[1], (int) s[2], shift) : null;
              PtNDArray attended = TorchOps.windowAttention(qkv, bias, mask);
              PtNDArray projected = layers.linear(attended, name + "attn.proj");
              PtNDArray map = TorchWindows.reverse(projected, s[0], s[1], s[2], window, shift);
              return JniUtils.add(x, drop(map, name + "drop_path1"));
            });
    return Libtorch.scoped(
        () -> {
          PtNDArray norm = layers.layerNorm(y, name + "norm2");
          PtNDArray hidden = layers.linear(norm, name + "mlp.fc1");
          PtNDArray mlp = layers.linear(JniUtils.gelu(hidden), name + "mlp.fc2");
          return JniUtils.add(y, drop(mlp, name + "drop_path2"));
        });
  }

  private PtNDArray drop(PtNDArray x, String name) {
    PtNDArray mask = dropPathMasks.get(name);
    return mask == null ? x : JniUtils.mul(x, mask);
  }

  /** [heads, tokens, tokens]. */
  private PtNDArray bias(String table) {
    long tokens = (long) config.swinWindow() * config.swinWindow();
    PtNDArray rows = JniUtils.embedding(relativePositions, layers.parameters().get(table), false);
    return TorchOps.permute(TorchOps.reshape(rows, tokens, tokens, -1), 2, 0, 1);
  }

  private PtNDArray mask(int h, int w, int shift) {
    int window = config.swinWindow();
    int tokens = window * window;
    PtNDArray mask = attentionMasks.get(h);
    if (mask == null) {
      mask =
          Libtorch.keep(
              libtorch.array(
                  TorchWindows.mask(h, w, window, shift),
                  h / window * (w / window),
                  tokens,
                  tokens));
      attentionMasks.put(h, mask);
    }
    return mask;
  }
}
