package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;

/** The ResNet encoder in libtorch. */
final class TorchEncoder {
  private static final int STAGES = 4;

  private final TorchLayers layers;

  TorchEncoder(TorchLayers layers) {
    this.layers = layers;
  }

  /** Features at strides 2, 4, 8, 16 and 32 of [N, 1, H, W]. */
  PtNDArray[] forward(PtNDArray x) {
    PtNDArray[] features = new PtNDArray[1 + STAGES];
    features[0] = layers.convBnRelu(x, "encoder.conv1", "encoder.bn1", 2);
    PtNDArray y = TorchOps.maxPool(features[0], 3, 2, 1);
    for (int stage = 1; stage <= STAGES; stage++) {
      String prefix = "encoder.layer" + stage + ".";
      for (int i = 0; layers.parameters().has(prefix + i + ".conv1.weight"); i++) {
        y = block(y, prefix + i + ".", stage > 1 && i == 0 ? 2 : 1);
      }
      features[stage] = y;
    }
    return features;
  }

  /** A residual block, a bottleneck if it has three convolutions. */
  private PtNDArray block(PtNDArray x, String prefix, int stride) {
    boolean bottleneck = layers.parameters().has(prefix + "conv3.weight");
    boolean projected = layers.parameters().has(prefix + "downsample.0.weight");
    return Libtorch.scoped(
        () -> {
          PtNDArray shortcut =
              projected
                  ? layers.convBn(x, prefix + "downsample.0", prefix + "downsample.1", stride)
                  : x;
          PtNDArray y =
              layers.convBnRelu(x, prefix + "conv1", prefix + "bn1", bottleneck ? 1 : stride);
          if (bottleneck) {
            try (PtNDArray narrow = y) {
              y = layers.convBnRelu(narrow, prefix + "conv2", prefix + "bn2", stride);
            }
          }
          String last = bottleneck ? "3" : "2";
          PtNDArray sum =
              TorchOps.addTo(
                  layers.convBn(y, prefix + "conv" + last, prefix + "bn" + last, 1), shortcut);
          return TorchOps.reluOf(sum);
        });
  }
}
