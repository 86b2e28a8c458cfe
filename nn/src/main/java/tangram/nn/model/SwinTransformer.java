package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.LayerNorm;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * Swin Transformer (Liu et al. 2021) with torchvision's names and first weights: attention in
 * windows that move by half a window from block to block, and maps that halve from stage to stage.
 */
public final class SwinTransformer extends Layer {
  private static final int PATCH = 4;
  private static final int MLP_RATIO = 4;
  private static final double DEVIATION = 0.02;

  /**
   * What is built.
   *
   * @param features of a patch in the first stage, doubled in each further one
   * @param depths blocks of each stage
   * @param heads of attention in each stage
   * @param window side of a window
   * @param dropped largest probability that a branch is dropped in training; it grows with depth
   * @param classes number of logits
   */
  public record Config(
      int features,
      List<Integer> depths,
      List<Integer> heads,
      int window,
      double dropped,
      int classes) {
    /** Checks the stages. */
    public Config {
      depths = List.copyOf(depths);
      heads = List.copyOf(heads);
      if (depths.isEmpty() || depths.size() != heads.size()) {
        throw new IllegalArgumentException(
            depths.size() + " stages with blocks, " + heads.size() + " with heads");
      }
    }

    /** Swin-T. */
    public static Config tiny(int classes) {
      return new Config(96, List.of(2, 2, 6, 2), List.of(3, 6, 12, 24), 7, 0.2, classes);
    }

    /** Swin-S. */
    public static Config small(int classes) {
      return new Config(96, List.of(2, 2, 18, 2), List.of(3, 6, 12, 24), 7, 0.3, classes);
    }

    /** Swin-B. */
    public static Config base(int classes) {
      return new Config(128, List.of(2, 2, 18, 2), List.of(4, 8, 16, 32), 7, 0.5, classes);
    }
  }

  private final Layer features;
  private final Layer norm;
  private final Layer head;

  /** Creates the network for images of three channels. */
  public SwinTransformer(Init given, Config config) {
    Init init = given.weights(Initializer.truncatedNormal(DEVIATION)).biases(Initializer.zeros());
    ConvOptions patches = ConvOptions.DEFAULT.stride(PATCH);
    int width = config.features();
    List<Layer> layers = new ArrayList<>();
    layers.add(
        new Sequential(
            new Conv2d(given, 3, width, PATCH, patches),
            Layer.of(map -> map.permute(0, 2, 3, 1)),
            new LayerNorm(init, width)));
    int last = config.depths().stream().mapToInt(d -> d).sum() - 1;
    int block = 0;
    for (int stage = 0; stage < config.depths().size(); stage++) {
      if (stage > 0) {
        layers.add(new PatchMerging(init, width));
        width *= 2;
      }
      Layer[] blocks = new Layer[config.depths().get(stage)];
      for (int i = 0; i < blocks.length; i++) {
        double dropped = last == 0 ? 0 : config.dropped() * block++ / last;
        int heads = config.heads().get(stage);
        blocks[i] =
            new SwinBlock(
                init, width, heads, config.window(), i % 2 == 1, MLP_RATIO, dropped, true);
      }
      layers.add(new Sequential(blocks));
    }
    features = child("features", new Sequential(layers.toArray(Layer[]::new)));
    norm = child("norm", new LayerNorm(init, width));
    head = child("head", new Linear(init, width, config.classes()));
  }

  /**
   * Classifies images.
   *
   * @param x [N, 3, H, W]
   * @return logits [N, classes]
   */
  @Override
  public Tensor forward(Tensor x) {
    return features.forward(x).then(norm::forward).then(map -> map.mean(1, 2)).then(head::forward);
  }

  /** Joins neighbours, two by two: half the height and width, twice the channels. */
  private static final class PatchMerging extends Layer {
    private final Linear reduction;
    private final LayerNorm norm;

    PatchMerging(Init init, int dim) {
      reduction = child("reduction", new Linear(init, 4 * dim, 2 * dim, false));
      norm = child("norm", new LayerNorm(init, 4 * dim));
    }

    @Override
    public Tensor forward(Tensor x) {
      int h = (x.dim(1) + 1) / 2;
      int w = (x.dim(2) + 1) / 2;
      boolean odd = 2 * h != x.dim(1) || 2 * w != x.dim(2);
      Tensor even = odd ? x.pad(0, 0, 0, 0, 2 * h - x.dim(1), 0, 2 * w - x.dim(2), 0, 0) : x;
      return even.reshape(x.dim(0), h, 2, w, 2, x.dim(3))
          .then(pairs -> pairs.permute(0, 1, 3, 4, 2, 5))
          .then(pairs -> pairs.reshape(x.dim(0), h, w, 4 * x.dim(3)))
          .then(norm::forward)
          .then(reduction::forward);
    }
  }
}
