package tangram.nn.model;

import static tangram.tensor.op.PoolOp.maxPool2d;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * ResNet (He et al. 2016) with torchvision's names: features at strides 2, 4, 8, 16 and 32, and a
 * classifier where classes are wanted.
 */
public final class ResNet extends Layer {
  /**
   * What to build.
   *
   * @param depth 18, 34, 50, 101 or 152
   * @param width channels of the first stage; 64 in the paper
   * @param inChannels channels of the image
   * @param classes what the classifier tells apart; 0 for none
   */
  public record Config(int depth, int width, int inChannels, int classes) {
    private static final Map<Integer, int[]> BLOCKS =
        Map.of(
            18, new int[] {2, 2, 2, 2},
            34, new int[] {3, 4, 6, 3},
            50, new int[] {3, 4, 6, 3},
            101, new int[] {3, 4, 23, 3},
            152, new int[] {3, 8, 36, 3});

    /** Checks the configuration. */
    public Config {
      if (!BLOCKS.containsKey(depth)) {
        throw new IllegalArgumentException(
            "a ResNet of depth 18, 34, 50, 101 or 152, not " + depth);
      }
      if (width < 1 || inChannels < 1 || classes < 0) {
        throw new IllegalArgumentException("ResNet width and input channels must be positive");
      }
    }

    /** The paper's network for colour images. */
    public static Config of(int depth, int classes) {
      return new Config(depth, 64, 3, classes);
    }

    boolean bottleneck() {
      return depth >= 50;
    }

    int[] blocks() {
      return BLOCKS.get(depth);
    }

    /** Channels of the features at strides 2, 4, 8, 16 and 32. */
    public int[] channels() {
      int e = bottleneck() ? 4 : 1;
      return new int[] {width, width * e, 2 * width * e, 4 * width * e, 8 * width * e};
    }
  }

  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final List<Layer> stages = new ArrayList<>();

  /** Null where there is no classifier. */
  private final Linear fc;

  /** Creates the network; convolutions begin by {@link Initializer#kaimingNormal()}. */
  public ResNet(Init given, Config config) {
    Init init = given.weights(Initializer.kaimingNormal());
    ConvOptions stem = ConvOptions.DEFAULT.stride(2).padding(3);
    conv1 = child("conv1", new Conv2d(init, config.inChannels(), config.width(), 7, stem, false));
    bn1 = child("bn1", new BatchNorm2d(init, config.width()));
    int in = config.width();
    for (int i = 0; i < 4; i++) {
      int width = config.width() << i;
      Layer stage = stage(init, in, width, config.blocks()[i], i == 0 ? 1 : 2, config.bottleneck());
      stages.add(child("layer" + (i + 1), stage));
      in = config.channels()[i + 1];
    }
    if (config.classes() > 0) {
      fc = child("fc", new Linear(given, in, config.classes()));
    } else {
      fc = null;
      // The classifier of torchvision's files.
      unused("fc.weight");
      unused("fc.bias");
    }
  }

  /**
   * Classifies images.
   *
   * @param x [N, C, H, W]
   * @return logits [N, classes]; without a classifier the mean of the last features, [N, channels]
   */
  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> features = maps(x);
    for (Tensor early : features.subList(0, 4)) {
      early.release();
    }
    Tensor pooled = features.get(4).then(y -> y.mean(2, 3));
    return fc == null ? pooled : pooled.then(fc::forward);
  }

  /**
   * Computes the features.
   *
   * @param x [N, C, H, W], H and W multiples of 32
   * @return five maps, strides 2, 4, 8, 16, 32
   */
  public List<Tensor> features(Tensor x) {
    if (x.dim(2) % 32 != 0 || x.dim(3) % 32 != 0) {
      throw new IllegalArgumentException(
          "the image must be a multiple of 32 on both sides, not " + x.dim(2) + "x" + x.dim(3));
    }
    return maps(x);
  }

  private List<Tensor> maps(Tensor x) {
    List<Tensor> features = new ArrayList<>();
    Tensor stem = bn1.forwardRelu(conv1, x);
    features.add(stem);
    Tensor y = maxPool2d(stem, 3, 2, 1);
    for (Layer stage : stages) {
      y = stage.forward(y);
      features.add(y);
    }
    return features;
  }

  private static Layer stage(
      Init init, int in, int width, int count, int stride, boolean bottleneck) {
    Layer[] blocks = new Layer[count];
    for (int i = 0; i < count; i++) {
      int from = i == 0 ? in : width * (bottleneck ? 4 : 1);
      blocks[i] = new ResidualBlock(init, from, width, i == 0 ? stride : 1, bottleneck);
    }
    return new Sequential(blocks);
  }
}
