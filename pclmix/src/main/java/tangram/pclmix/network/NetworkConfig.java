package tangram.pclmix.network;

import tangram.nn.model.ResNet;
import tangram.nn.model.SwinDecoder;

/**
 * The size of a PCLMix network.
 *
 * @param encoderDepth ResNet depth: 18, 34 or 50
 * @param encoderWidth channels of the encoder's first stage
 * @param unetChannels channels of the main decoder's five up-blocks, deepest first
 * @param swinDim channels of the auxiliary decoder at stride 4
 * @param swinHeads its heads at strides 4, 8, 16
 * @param swinWindow its window side
 * @param dropPath its largest drop-path probability
 * @param imageSize image side for which its position embeddings are made
 * @param embeddingDim channels of the embedding for contrast
 * @param classes number of classes, background included
 */
public record NetworkConfig(
    int encoderDepth,
    int encoderWidth,
    int[] unetChannels,
    int swinDim,
    int[] swinHeads,
    int swinWindow,
    double dropPath,
    int imageSize,
    int embeddingDim,
    int classes) {
  /** Copies the arrays. */
  public NetworkConfig {
    unetChannels = unetChannels.clone();
    swinHeads = swinHeads.clone();
  }

  /** The encoder's part. */
  public ResNet.Config encoder() {
    return new ResNet.Config(encoderDepth, encoderWidth, 1, 0);
  }

  /** The auxiliary decoder's part. */
  public SwinDecoder.Config swin() {
    return new SwinDecoder.Config(swinDim, swinHeads, swinWindow, imageSize, dropPath);
  }

  /** Channels of the main decoder's blocks. */
  @Override
  public int[] unetChannels() {
    return unetChannels.clone();
  }

  /** Heads of the auxiliary decoder. */
  @Override
  public int[] swinHeads() {
    return swinHeads.clone();
  }
}
