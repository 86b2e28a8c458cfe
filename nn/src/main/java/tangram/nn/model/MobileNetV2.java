package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.Dropout;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;

/**
 * MobileNetV2 (Sandler et al. 2018) with torchvision's names and first weights: inverted residuals,
 * narrow between and wide within.
 */
public final class MobileNetV2 extends Layer {
  /** Expansion, channels, blocks, stride of the first. */
  private static final int[][] STAGES = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private static final int FIRST = 32;
  private static final int LAST = 1280;

  /** Channels are multiples of it. */
  private static final int DIVISOR = 8;

  private final Layer features;
  private final Layer classifier;

  /** Creates the network of the paper for a number of classes. */
  public MobileNetV2(Init init, int classes) {
    this(init, classes, 1);
  }

  /**
   * Creates the network.
   *
   * @param widthMultiplier what all channels are multiplied by
   */
  public MobileNetV2(Init given, int classes, double widthMultiplier) {
    Init init =
        given
            .weights(Initializer.kaimingNormal(1, Initializer.Fan.OUT))
            .biases(Initializer.zeros());
    List<Layer> layers = new ArrayList<>();
    int in = channels(FIRST * widthMultiplier);
    layers.add(ConvBlock.of(init, 3, in, 3, 2, 1, relu6()));
    for (int[] stage : STAGES) {
      int out = channels(stage[1] * widthMultiplier);
      for (int i = 0; i < stage[2]; i++) {
        layers.add(new InvertedResidual(init, in, out, i == 0 ? stage[3] : 1, stage[0]));
        in = out;
      }
    }
    int last = channels(LAST * Math.max(1, widthMultiplier));
    layers.add(ConvBlock.of(init, in, last, 1, 1, 1, relu6()));
    features = child("features", new Sequential(layers.toArray(Layer[]::new)));
    Init head = init.weights(Initializer.normal(0, 0.01));
    classifier =
        child(
            "classifier", new Sequential(new Dropout(head, 0.2), new Linear(head, last, classes)));
  }

  private static Layer relu6() {
    return Layer.of(Tensor::relu6);
  }

  /** The nearest multiple of {@link #DIVISOR}, which is at most a tenth less. */
  private static int channels(double wanted) {
    int nearest = Math.max(DIVISOR, (int) (wanted + DIVISOR / 2.0) / DIVISOR * DIVISOR);
    return nearest < 0.9 * wanted ? nearest + DIVISOR : nearest;
  }

  /**
   * Classifies images.
   *
   * @param x [N, 3, H, W]
   * @return logits [N, classes]
   */
  @Override
  public Tensor forward(Tensor x) {
    return features.forward(x).then(y -> y.mean(2, 3)).then(classifier::forward);
  }

  private static final class InvertedResidual extends Layer {
    private final Layer conv;
    private final boolean residual;

    InvertedResidual(Init init, int in, int out, int stride, int expansion) {
      int wide = in * expansion;
      List<Layer> layers = new ArrayList<>();
      if (expansion != 1) {
        layers.add(ConvBlock.of(init, in, wide, 1, 1, 1, relu6()));
      }
      layers.add(ConvBlock.of(init, wide, wide, 3, stride, wide, relu6()));
      layers.addAll(((Sequential) ConvBlock.of(init, wide, out, 1, 1, 1, null)).layers());
      conv = child("conv", new Sequential(layers.toArray(Layer[]::new)));
      residual = stride == 1 && in == out;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = conv.forward(x);
      return residual ? y.then(x::add) : y;
    }
  }
}
