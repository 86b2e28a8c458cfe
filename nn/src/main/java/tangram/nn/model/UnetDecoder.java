package tangram.nn.model;

import static tangram.tensor.op.ResizeOp.upsampleNearest2x;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Module;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * U-Net decoder (Ronneberger et al. 2015) on five encoder features: five up-blocks, each nearest
 * upsampling by two, concatenation with the skip of that size (none at full size) and two 3x3
 * convolutions with batch norm and ReLU; then a 3x3 head.
 */
public final class UnetDecoder extends Module {
  private static final ConvOptions SAME = ConvOptions.DEFAULT.padding(1);

  private final List<UpBlock> blocks = new ArrayList<>();
  private final Conv2d head;

  /**
   * Creates the decoder.
   *
   * @param encoder channels of the features at strides 2, 4, 8, 16, 32
   * @param channels channels of the five up-blocks, deepest first
   * @param classes channels of the result
   */
  public UnetDecoder(Init given, int[] encoder, int[] channels, int classes) {
    Init init = given.weights(Initializer.kaimingNormal()).biases(Initializer.zeros());
    if (encoder.length != 5 || channels.length != 5) {
      throw new IllegalArgumentException("the decoder has five features and five blocks");
    }
    int in = encoder[4];
    for (int i = 0; i < 5; i++) {
      int skip = i < 4 ? encoder[3 - i] : 0;
      blocks.add(child("blocks." + i, new UpBlock(init, in + skip, channels[i])));
      in = channels[i];
    }
    head = child("head", new Conv2d(init, in, classes, 3, SAME));
  }

  /**
   * Decodes.
   *
   * @param features maps at strides 2, 4, 8, 16, 32
   * @return logits [N, classes, H, W] at full size
   */
  public Tensor forward(List<Tensor> features) {
    return decode(features).then(head::forward);
  }

  /**
   * The last feature map, which {@link #classify} makes logits of.
   *
   * @param features maps at strides 2, 4, 8, 16, 32
   * @return [N, the last block's channels, H, W] at full size
   */
  public Tensor decode(List<Tensor> features) {
    Tensor y = blocks.get(0).forward(features.get(4), features.get(3));
    for (int i = 1; i < 5; i++) {
      UpBlock block = blocks.get(i);
      Tensor skip = i < 4 ? features.get(3 - i) : null;
      y = y.then(deeper -> block.forward(deeper, skip));
    }
    return y;
  }

  /** Logits [N, classes, H, W] of the last feature map. */
  public Tensor classify(Tensor decoded) {
    return head.forward(decoded);
  }

  private static final class UpBlock extends Module {
    private final Conv2d conv1;
    private final BatchNorm2d bn1;
    private final Conv2d conv2;
    private final BatchNorm2d bn2;

    UpBlock(Init init, int in, int out) {
      conv1 = child("conv1", new Conv2d(init, in, out, 3, SAME, false));
      bn1 = child("bn1", new BatchNorm2d(init, out));
      conv2 = child("conv2", new Conv2d(init, out, out, 3, SAME, false));
      bn2 = child("bn2", new BatchNorm2d(init, out));
    }

    Tensor forward(Tensor x, Tensor skip) {
      Tensor up = upsampleNearest2x(x);
      return (skip == null ? up : up.then(y -> Tensor.cat(1, y, skip)))
          .then(y -> bn1.forwardRelu(conv1, y))
          .then(y -> bn2.forwardRelu(conv2, y));
    }
  }
}
