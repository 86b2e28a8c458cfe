package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import tangram.pclmix.data.Labels;
import tangram.pclmix.network.NetworkConfig;

/** The network in libtorch. */
final class TorchNetwork {
  private static final int STRIDE_8 = 2;

  private final TorchLayers layers;
  private final TorchEncoder encoder;
  private final TorchUnet unet;
  private final TorchSwin swin;
  private final PtNDArray fixed;

  TorchNetwork(Libtorch libtorch, TorchParameters parameters, StepSetting setting) {
    NetworkConfig config = setting.config().network();
    layers = new TorchLayers(parameters);
    encoder = new TorchEncoder(layers);
    unet = setting.decoders().unet() ? new TorchUnet(layers) : null;
    swin = setting.decoders().swin() ? new TorchSwin(libtorch, layers, config) : null;
    int size = config.imageSize();
    fixed =
        libtorch.array(setting.fixed(), setting.config().batch(), Labels.HEART.count(), size, size);
  }

  /** Draws the drop-path masks of a pass. */
  void resampleDropPath(int batch, long seed, long step, int pass) {
    if (swin != null) {
      swin.resampleDropPath(batch, seed, step, pass);
    }
  }

  /**
   * Probabilities of the main and of the auxiliary view, fixed ones for a missing decoder, and the
   * embedding if asked for: [N, dim, H / 8, W / 8].
   */
  PtNDArray[] forward(PtNDArray x, boolean withEmbedding) {
    return Libtorch.scopedAll(
        () -> {
          PtNDArray[] features = encoder.forward(x);
          PtNDArray[] views = new PtNDArray[withEmbedding ? 3 : 2];
          views[0] =
              unet == null
                  ? (PtNDArray) fixed.stopGradient()
                  : TorchOps.softmax(unet.forward(features), 1);
          views[1] =
              swin == null
                  ? (PtNDArray) fixed.stopGradient()
                  : TorchOps.softmax(swin.forward(features), 1);
          if (withEmbedding) {
            views[2] = embedding(features[STRIDE_8]);
          }
          return views;
        });
  }

  private PtNDArray embedding(PtNDArray x) {
    PtNDArray y = layers.convBnRelu(x, "embedding.conv1", "embedding.bn", 1);
    return JniUtils.normalize(layers.conv(y, "embedding.conv2", 1), 2, 1, 1e-12);
  }
}
