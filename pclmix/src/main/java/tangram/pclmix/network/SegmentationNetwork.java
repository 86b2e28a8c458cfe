package tangram.pclmix.network;

import static tangram.tensor.op.SoftmaxOp.softmax;

import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.model.ResNet;
import tangram.nn.model.UnetDecoder;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * What segments after training (paper 3.1: the main decoder alone): the encoder and the U-Net
 * decoder, without the auxiliary decoder and the embedding head. Its tensors have the names they
 * have in {@link PclMixNetwork}.
 */
public final class SegmentationNetwork extends Layer {
  private final ResNet encoder;
  private final UnetDecoder decoder;

  /** Creates the network with initial weights. */
  public SegmentationNetwork(Init init, NetworkConfig config) {
    this(
        new ResNet(init, config.encoder()),
        new UnetDecoder(
            init, config.encoder().channels(), config.unetChannels(), config.classes()));
  }

  /** Creates the network with initial weights by a seed. */
  public static SegmentationNetwork create(Device device, long seed, NetworkConfig config) {
    return new SegmentationNetwork(new Init(device, seed), config);
  }

  SegmentationNetwork(ResNet encoder, UnetDecoder decoder) {
    this.encoder = child("encoder", encoder);
    this.decoder = child("decoder", decoder);
  }

  /** Whether its parts are being trained, which a network that shares them decides too. */
  @Override
  public boolean isTraining() {
    return encoder.isTraining();
  }

  /**
   * Segments images.
   *
   * @param x images [N, 1, H, W], sides multiples of 32
   * @return logits [N, classes, H, W]
   */
  @Override
  public Tensor forward(Tensor x) {
    return decoder.forward(encoder.features(x));
  }

  /** Probabilities of the classes, as {@link #forward} says. */
  public Tensor probabilities(Tensor x) {
    return softmax(forward(x), 1);
  }

  /** The decoder. */
  public UnetDecoder decoder() {
    return decoder;
  }

  /** The encoder. */
  public ResNet encoder() {
    return encoder;
  }
}
