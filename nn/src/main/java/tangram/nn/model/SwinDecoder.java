package tangram.nn.model;

import static tangram.tensor.op.ResizeOp.bilinear;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.LayerNorm;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.tensor.Tensor;

/**
 * Swin decoder on encoder features at strides 4, 8, 16 and 32 (docs/method.md, Network; blocks of
 * Liu et al. 2021, up-path of Swin-Unet, Cao et al. 2021).
 *
 * <p>Each feature is projected by a 1x1 patch embedding with layer norm and a learned position
 * embedding to dim, 2 dim, 4 dim and 8 dim channels. From the deepest: expand by two, concatenate
 * with the feature of that size, a linear layer back to its channels, two Swin blocks (plain and
 * shifted windows). At stride 4 a final expansion by four and a 1x1 head give the logits.
 */
public final class SwinDecoder extends Module {
  /**
   * What to build.
   *
   * @param dim channels at stride 4; 96 in the paper
   * @param heads heads at strides 4, 8, 16
   * @param window window side
   * @param imageSize image side for which the position embeddings are made
   * @param dropPath largest drop-path probability
   */
  public record Config(int dim, int[] heads, int window, int imageSize, double dropPath) {
    /** Checks the configuration. */
    public Config {
      heads = heads.clone();
      if (heads.length != 3) {
        throw new IllegalArgumentException("heads at three strides, not " + heads.length);
      }
      if (imageSize % 32 != 0) {
        throw new IllegalArgumentException("the image size must be a multiple of 32");
      }
    }

    /** Heads at strides 4, 8, 16. */
    @Override
    public int[] heads() {
      return heads.clone();
    }
  }

  private static final int LEVELS = 4;
  private static final int MLP_RATIO = 4;

  /** Standard deviation of the weights at the beginning, but for convolutions. */
  private static final double DEVIATION = 0.02;

  private final List<PatchEmbedding> embeddings = new ArrayList<>();
  private final List<UpLevel> levels = new ArrayList<>();
  private final FinalExpand finalExpand;

  /**
   * Creates the decoder.
   *
   * @param encoder channels of the features at strides 2, 4, 8, 16, 32
   * @param classes channels of the result
   */
  public SwinDecoder(Init given, int[] encoder, Config config, int classes) {
    Init init = given.weights(Initializer.truncatedNormal(DEVIATION)).biases(Initializer.zeros());
    for (int i = 0; i < LEVELS; i++) {
      int side = config.imageSize() / (4 << i);
      PatchEmbedding embedding = new PatchEmbedding(init, encoder[i + 1], config.dim() << i, side);
      embeddings.add(child("embed." + i, embedding));
    }
    int blocks = 2 * (LEVELS - 1);
    for (int i = 0; i < LEVELS - 1; i++) {
      int stage = LEVELS - 2 - i;
      // The rate grows with depth: the blocks at stride 4 drop least.
      double[] rates = {
        config.dropPath() * (2 * stage) / (blocks - 1),
        config.dropPath() * (2 * stage + 1) / (blocks - 1)
      };
      UpLevel level =
          new UpLevel(init, config.dim() << stage, config.heads()[stage], config.window(), rates);
      levels.add(child("up." + i, level));
    }
    finalExpand = child("final", new FinalExpand(init, config.dim(), classes));
  }

  /**
   * Decodes.
   *
   * @param features encoder maps at strides 2, 4, 8, 16, 32; the first is not used
   * @return logits [N, classes, H, W] at full size
   */
  public Tensor forward(List<Tensor> features) {
    Tensor y = embeddings.get(LEVELS - 1).forward(features.get(LEVELS));
    for (int i = 0; i < levels.size(); i++) {
      int stage = LEVELS - 2 - i;
      UpLevel level = levels.get(i);
      Tensor skip = embeddings.get(stage).forward(features.get(stage + 1));
      y = y.then(deeper -> level.forward(deeper, skip));
      skip.release();
    }
    return y.then(finalExpand::forward);
  }

  /** [N, C, H, W] to tokens [N, H, W, dim] with a position embedding. */
  private static final class PatchEmbedding extends Module {
    private final Conv2d proj;
    private final LayerNorm norm;
    private final Tensor position;
    private final int side;

    PatchEmbedding(Init init, int in, int dim, int side) {
      Init he = init.weights(Initializer.kaimingNormal());
      proj = child("proj", new Conv2d(he, in, dim, 1));
      norm = child("norm", new LayerNorm(init, dim));
      position =
          parameter(
              "position", init.draw(Initializer.truncatedNormal(DEVIATION), 1, side * side, dim));
      this.side = side;
    }

    Tensor forward(Tensor x) {
      Tensor tokens =
          proj.forward(x)
              .then(map -> map.permute(0, 2, 3, 1))
              .then(Tensor::contiguous)
              .then(norm::forward);
      int h = tokens.dim(1);
      int w = tokens.dim(2);
      int dim = tokens.dim(3);
      Tensor p = position.reshape(side, side, dim);
      if (h == side && w == side) {
        return tokens.then(t -> t.add(p));
      }
      Tensor map = p.permute(2, 0, 1).unsqueeze(0);
      Tensor resized =
          bilinear(map, h, w).then(y -> y.reshape(dim, h, w)).then(y -> y.permute(1, 2, 0));
      return tokens.then(t -> t.add(resized));
    }
  }

  /** Expands by two, joins the skip and runs two Swin blocks. */
  private static final class UpLevel extends Module {
    private final PatchExpand expand;
    private final Linear concat;
    private final SwinBlock block0;
    private final SwinBlock block1;

    UpLevel(Init init, int dim, int heads, int window, double[] rates) {
      expand = child("expand", new PatchExpand(init, 2 * dim));
      concat = child("concat", new Linear(init, 2 * dim, dim));
      block0 =
          child("blocks.0", new SwinBlock(init, dim, heads, window, false, MLP_RATIO, rates[0]));
      block1 =
          child("blocks.1", new SwinBlock(init, dim, heads, window, true, MLP_RATIO, rates[1]));
    }

    Tensor forward(Tensor x, Tensor skip) {
      return expand
          .forward(x)
          .then(up -> Tensor.cat(-1, up, skip))
          .then(concat::forward)
          .then(block0::forward)
          .then(block1::forward);
    }
  }

  /** Doubles height and width and halves the channels: linear, pixel shuffle, layer norm. */
  private static final class PatchExpand extends Module {
    private final Linear expand;
    private final LayerNorm norm;

    PatchExpand(Init init, int dim) {
      expand = child("expand", new Linear(init, dim, 2 * dim, false));
      norm = child("norm", new LayerNorm(init, dim / 2));
    }

    Tensor forward(Tensor x) {
      int n = x.dim(0);
      int h = x.dim(1);
      int w = x.dim(2);
      int half = x.dim(3) / 2;
      // The norm works on each pixel's channels, so it may come before the shuffle and skip a copy.
      return expand
          .forward(x)
          .then(y -> y.reshape(n, h, w, 2, 2, half))
          .then(norm::forward)
          .then(pixels -> pixels.permute(0, 1, 3, 2, 4, 5))
          .then(y -> y.reshape(n, 2 * h, 2 * w, half));
    }
  }

  /**
   * Expands by four and classifies. Norm and head work on each pixel's channels, so the shuffle of
   * pixels comes last, when only the classes are left to move.
   */
  private static final class FinalExpand extends Module {
    private final Linear expand;
    private final LayerNorm norm;
    private final Linear head;
    private final int classes;

    FinalExpand(Init init, int dim, int classes) {
      expand = child("expand", new Linear(init, dim, 16 * dim, false));
      norm = child("norm", new LayerNorm(init, dim));
      head = child("head", new Linear(init, dim, classes, false));
      this.classes = classes;
    }

    Tensor forward(Tensor x) {
      int n = x.dim(0);
      int h = x.dim(1);
      int w = x.dim(2);
      return expand
          .forward(x)
          .then(y -> y.reshape(n, h, w, 4, 4, x.dim(3)))
          .then(norm::forward)
          .then(head::forward)
          .then(logits -> logits.permute(0, 5, 1, 3, 2, 4))
          .then(logits -> logits.reshape(n, classes, 4 * h, 4 * w));
    }
  }
}
