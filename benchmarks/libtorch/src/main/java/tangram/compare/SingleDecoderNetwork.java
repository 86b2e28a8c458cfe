package tangram.compare;

import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.List;
import tangram.nn.Init;
import tangram.nn.ProjectionHead;
import tangram.nn.model.ResNet;
import tangram.nn.model.SwinDecoder;
import tangram.nn.model.UnetDecoder;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * PCLMix's network with one of its decoders. A fixed map of probabilities takes the place of the
 * other, so that every loss is still computed: it has something to be consistent with.
 */
final class SingleDecoderNetwork extends TwoViewNetwork {
  private static final int STRIDE_8 = 2;

  private final NetworkConfig config;
  private final ResNet encoder;
  private final UnetDecoder unet;
  private final SwinDecoder swin;
  private final ProjectionHead embedding;
  private final Tensor fixed;

  /**
   * Creates the network. Its parameters have the names that they have in PCLMix's.
   *
   * @param fixed the probabilities of the missing decoder [N, classes, H, W]
   */
  SingleDecoderNetwork(
      Init init, NetworkConfig config, Decoders decoders, float[] fixed, int batch) {
    this.config = config;
    int[] channels = config.encoder().channels();
    encoder = child("encoder", new ResNet(init, config.encoder()));
    unet =
        decoders.unet()
            ? child(
                "decoder", new UnetDecoder(init, channels, config.unetChannels(), config.classes()))
            : null;
    swin =
        decoders.swin()
            ? child("transformer", new SwinDecoder(init, channels, config.swin(), config.classes()))
            : null;
    embedding =
        child("embedding", new ProjectionHead(init, channels[STRIDE_8], config.embeddingDim()));
    try (Scope persistent = Scope.detached()) {
      int size = config.imageSize();
      this.fixed = init.device().tensor(fixed, batch, config.classes(), size, size);
    }
  }

  @Override
  public Output forward(Tensor x, boolean withEmbedding) {
    List<Tensor> features = encoder.features(x);
    return new Output(
        unet == null ? fixed : softmax(unet.forward(features), 1),
        swin == null ? fixed : softmax(swin.forward(features), 1),
        withEmbedding ? embedding.forward(features.get(STRIDE_8)) : null);
  }

  @Override
  public NetworkConfig config() {
    return config;
  }
}
