package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.AttentionMask;
import tangram.nn.Conv2d;
import tangram.nn.Dropout;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.LayerNorm;
import tangram.nn.Linear;
import tangram.nn.MultiheadAttention;
import tangram.nn.Sequential;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * Vision Transformer (Dosovitskiy et al. 2021) with torchvision's names and first weights: patches
 * of an image and a token for its class, each of which attends to all.
 */
public final class VisionTransformer extends Layer {
  private static final double EPS = 1e-6;

  /**
   * What is built.
   *
   * @param image side of the images
   * @param patch side of a patch, a divisor of the image's
   * @param layers blocks
   * @param heads of attention, a divisor of the features
   * @param features of a token
   * @param inner features between the two linear maps of a block
   * @param dropout probability of dropout, but for weights of attention
   * @param classes number of logits
   */
  public record Config(
      int image,
      int patch,
      int layers,
      int heads,
      int features,
      int inner,
      double dropout,
      int classes) {
    /** Checks the sides. */
    public Config {
      if (patch < 1 || image < patch || image % patch != 0 || layers < 1) {
        throw new IllegalArgumentException(
            "images of side %d in patches of %d, %d layers".formatted(image, patch, layers));
      }
    }

    /** ViT-B/16 for images of 224x224. */
    public static Config base16(int classes) {
      return new Config(224, 16, 12, 12, 768, 3072, 0, classes);
    }

    /** ViT-B/32. */
    public static Config base32(int classes) {
      return new Config(224, 32, 12, 12, 768, 3072, 0, classes);
    }

    /** ViT-L/16. */
    public static Config large16(int classes) {
      return new Config(224, 16, 24, 16, 1024, 4096, 0, classes);
    }
  }

  private final Config config;
  private final Conv2d patches;
  private final Tensor classToken;
  private final Tensor positions;
  private final Dropout dropout;
  private final Layer blocks;
  private final Layer norm;
  private final Layer head;

  /** Creates the network for images of three channels. */
  public VisionTransformer(Init init, Config config) {
    this.config = config;
    int patch = config.patch();
    int features = config.features();
    int side = config.image() / patch;
    double deviation = Math.sqrt(1.0 / (3 * patch * patch));
    Init stem = init.weights(Initializer.truncatedNormal(deviation)).biases(Initializer.zeros());
    classToken = parameter("class_token", init.draw(Initializer.zeros(), 1, 1, features));
    patches =
        child("conv_proj", new Conv2d(stem, 3, features, patch, ConvOptions.DEFAULT.stride(patch)));
    positions =
        parameter(
            "encoder.pos_embedding",
            init.draw(Initializer.normal(0, 0.02), 1, side * side + 1, features));
    dropout = child("encoder.dropout", new Dropout(init, config.dropout()));
    List<Layer> list = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      list.add(child("encoder.layers.encoder_layer_" + i, new Block(init, config)));
    }
    // Not a child: its layers are, under the names of torchvision.
    blocks = new Sequential(list.toArray(Layer[]::new));
    norm = child("encoder.ln", norm(init, features));
    Init zero = init.weights(Initializer.zeros()).biases(Initializer.zeros());
    head = child("heads.head", new Linear(zero, features, config.classes()));
  }

  private static LayerNorm norm(Init init, int features) {
    return new LayerNorm(init, Shape.of(features), EPS, true, true);
  }

  /**
   * Classifies images.
   *
   * @param x [N, 3, image, image]
   * @return logits [N, classes]
   */
  @Override
  public Tensor forward(Tensor x) {
    int side = config.image();
    int features = config.features();
    if (x.shape().rank() != 4 || x.dim(2) != side || x.dim(3) != side) {
      throw new IllegalArgumentException(
          "images are [N, 3, %d, %d], not %s".formatted(side, side, x.shape()));
    }
    Tensor first = classToken.expand(x.dim(0), 1, features);
    return patches
        .forward(x)
        .then(map -> map.flatten(2, 3))
        .then(map -> map.permute(0, 2, 1))
        .then(tokens -> Tensor.cat(1, first, tokens))
        .then(tokens -> tokens.add(positions))
        .then(dropout::forward)
        .then(blocks::forward)
        .then(norm::forward)
        .then(tokens -> tokens.select(1, 0))
        .then(head::forward);
  }

  private static final class Block extends Layer {
    private final LayerNorm norm1;
    private final MultiheadAttention attention;
    private final Dropout dropout;
    private final LayerNorm norm2;
    private final Layer mlp;

    Block(Init init, Config config) {
      int features = config.features();
      Init inner = init.weights(Initializer.xavierUniform(1)).biases(Initializer.normal(0, 1e-6));
      norm1 = child("ln_1", norm(init, features));
      attention =
          child(
              "self_attention",
              new MultiheadAttention(
                  init,
                  features,
                  config.heads(),
                  MultiheadAttention.Options.DEFAULT.batchFirst(true)));
      dropout = child("dropout", new Dropout(init, config.dropout()));
      norm2 = child("ln_2", norm(init, features));
      mlp =
          child(
              "mlp",
              new Sequential(
                  new Linear(inner, features, config.inner()),
                  Layer.of(Tensor::gelu),
                  new Dropout(init, config.dropout()),
                  new Linear(inner, config.inner(), features),
                  new Dropout(init, config.dropout())));
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y =
          norm1
              .forward(x)
              .then(t -> attention.forward(t, t, t, AttentionMask.NONE))
              .then(dropout::forward)
              .then(x::add);
      return y.then(residual -> norm2.forward(residual).then(mlp::forward).then(residual::add));
    }
  }
}
