package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;

/** The U-Net decoder in libtorch. */
final class TorchUnet {
  private static final int BLOCKS = 5;

  private final TorchLayers layers;

  TorchUnet(TorchLayers layers) {
    this.layers = layers;
  }

  /** Logits [N, classes, H, W] from the features of {@link TorchEncoder}. */
  PtNDArray forward(PtNDArray[] features) {
    PtNDArray y = features[BLOCKS - 1];
    for (int i = 0; i < BLOCKS; i++) {
      y = block(y, i < BLOCKS - 1 ? features[BLOCKS - 2 - i] : null, "decoder.blocks." + i + ".");
    }
    return layers.conv(y, "decoder.head", 1);
  }

  private PtNDArray block(PtNDArray x, PtNDArray skip, String prefix) {
    return Libtorch.scoped(
        () -> {
          PtNDArray y = TorchOps.upsampleNearest2x(x);
          if (skip != null) {
            try (PtNDArray up = y) {
              y = TorchOps.cat(up, skip, 1);
            }
          }
          PtNDArray z = layers.convBnRelu(y, prefix + "conv1", prefix + "bn1", 1);
          return layers.convBnRelu(z, prefix + "conv2", prefix + "bn2", 1);
        });
  }
}
