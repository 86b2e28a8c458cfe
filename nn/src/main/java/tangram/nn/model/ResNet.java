package tangram.nn.model;

import static tangram.tensor.op.PoolOp.maxPool2d;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.Module;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * ResNet feature extractor (He et al. 2016) with torchvision's names: features at strides 2, 4, 8,
 * 16 and 32, no classifier.
 */
public final class ResNet extends Module {
  /**
   * What to build.
   *
   * @param depth 18, 34 or 50
   * @param width channels of the first stage; 64 in the paper
   * @param inChannels channels of the image
   */
  public record Config(int depth, int width, int inChannels) {
    /** Checks the configuration. */
    public Config {
      if (depth != 18 && depth != 34 && depth != 50) {
        throw new IllegalArgumentException("a ResNet of depth 18, 34 or 50, not " + depth);
      }
      if (width < 1 || inChannels < 1) {
        throw new IllegalArgumentException("ResNet width and input channels must be positive");
      }
    }

    boolean bottleneck() {
      return depth == 50;
    }

    int[] blocks() {
      return depth == 18 ? new int[] {2, 2, 2, 2} : new int[] {3, 4, 6, 3};
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
    // The classifier of torchvision's files.
    unused("fc.weight");
    unused("fc.bias");
  }

  /**
   * Computes the features.
   *
   * @param x [N, C, H, W], H and W multiples of 32
   * @return five maps, strides 2, 4, 8, 16, 32
   */
  public List<Tensor> forward(Tensor x) {
    if (x.dim(2) % 32 != 0 || x.dim(3) % 32 != 0) {
      throw new IllegalArgumentException(
          "the image must be a multiple of 32 on both sides, not " + x.dim(2) + "x" + x.dim(3));
    }
    List<Tensor> features = new ArrayList<>();
    Tensor stem = conv1.forward(x).then(bn1::forwardRelu);
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
