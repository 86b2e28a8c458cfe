package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Dropout;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.Layers;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;

/** VGG (Simonyan and Zisserman 2015) with torchvision's names and first weights. */
public final class Vgg extends Layer {
  /** Channels of the convolutions; 0 halves the size. */
  private static final Map<Integer, int[]> LAYERS =
      Map.of(
          11, new int[] {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0},
          13, new int[] {64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0},
          16,
              new int[] {
                64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0
              },
          19,
              new int[] {
                64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512,
                512, 0
              });

  private static final int SIDE = 7;

  private final Layer features;
  private final Layer classifier;

  /**
   * Creates the network.
   *
   * @param depth 11, 13, 16 or 19
   * @param batchNorm whether convolutions are normalised
   * @param classes what it tells apart
   */
  public Vgg(Init given, int depth, boolean batchNorm, int classes) {
    if (!LAYERS.containsKey(depth)) {
      throw new IllegalArgumentException("a VGG of depth 11, 13, 16 or 19, not " + depth);
    }
    double gain = Math.sqrt(2);
    Init init =
        given
            .weights(Initializer.kaimingNormal(gain, Initializer.Fan.OUT))
            .biases(Initializer.zeros());
    List<Layer> layers = new ArrayList<>();
    int in = 3;
    for (int out : LAYERS.get(depth)) {
      if (out == 0) {
        layers.add(Layers.maxPool2d(PoolOptions.of(2)));
        continue;
      }
      layers.add(new Conv2d(init, in, out, 3, ConvOptions.DEFAULT.padding(1)));
      if (batchNorm) {
        layers.add(new BatchNorm2d(init, out));
      }
      layers.add(Layer.of(Tensor::relu));
      in = out;
    }
    features = child("features", new Sequential(layers.toArray(Layer[]::new)));
    Init head = init.weights(Initializer.normal(0, 0.01));
    classifier =
        child(
            "classifier",
            new Sequential(
                new Linear(head, in * SIDE * SIDE, 4096),
                Layer.of(Tensor::relu),
                new Dropout(head, 0.5),
                new Linear(head, 4096, 4096),
                Layer.of(Tensor::relu),
                new Dropout(head, 0.5),
                new Linear(head, 4096, classes)));
  }

  /**
   * Classifies images.
   *
   * @param x [N, 3, H, W], sides of 32 or more
   * @return logits [N, classes]
   */
  @Override
  public Tensor forward(Tensor x) {
    return features
        .forward(x)
        .then(y -> y.adaptiveAvgPool2d(SIDE, SIDE))
        .then(y -> y.flatten(1, -1))
        .then(classifier::forward);
  }
}
