package tangram.pclmix.network;

import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.List;
import tangram.nn.Init;
import tangram.nn.ProjectionHead;
import tangram.nn.model.ResNet;
import tangram.nn.model.SwinDecoder;
import tangram.nn.model.UnetDecoder;
import tangram.tensor.Tensor;

/**
 * The network of PCLMix (paper 3.1, figure 2): a shared ResNet encoder, a U-Net decoder (main, used
 * at inference), a Swin decoder (auxiliary, another view in training) and an embedding head for
 * contrast on the stride-8 features.
 */
public final class PclMixNetwork extends TwoViewNetwork {
  /** Index of the stride-8 features among the encoder's. */
  private static final int STRIDE_8 = 2;

  private final NetworkConfig config;
  private final ResNet encoder;
  private final UnetDecoder decoder;
  private final SegmentationNetwork segmentation;
  private final SwinDecoder transformer;
  private final ProjectionHead embedding;

  /** Creates the network with initial weights. */
  public PclMixNetwork(Init init, NetworkConfig config) {
    this.config = config;
    ResNet.Config encoderConfig = config.encoder();
    int[] channels = encoderConfig.channels();
    encoder = child("encoder", new ResNet(init, encoderConfig));
    decoder =
        child("decoder", new UnetDecoder(init, channels, config.unetChannels(), config.classes()));
    segmentation = new SegmentationNetwork(encoder, decoder);
    transformer =
        child("transformer", new SwinDecoder(init, channels, config.swin(), config.classes()));
    embedding =
        child("embedding", new ProjectionHead(init, channels[STRIDE_8], config.embeddingDim()));
  }

  /**
   * Runs the decoders.
   *
   * @param x images [N, 1, H, W]
   * @param withEmbedding whether the embedding is needed
   */
  @Override
  public Output forward(Tensor x, boolean withEmbedding) {
    List<Tensor> features = encoder.features(x);
    Tensor main = decoder.forward(features);
    Tensor auxiliary = transformer.forward(features);
    return new Output(
        softmax(main, 1),
        softmax(auxiliary, 1),
        withEmbedding ? embedding.forward(features.get(STRIDE_8)) : null,
        main,
        auxiliary);
  }

  /** The part used at inference, encoder and main decoder: the same modules, not copies. */
  public SegmentationNetwork segmentation() {
    return segmentation;
  }

  @Override
  public NetworkConfig config() {
    return config;
  }
}
