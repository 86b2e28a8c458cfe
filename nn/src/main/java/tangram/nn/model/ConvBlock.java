package tangram.nn.model;

import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * A convolution without bias, batch normalisation, and perhaps an activation, one after another.
 */
final class ConvBlock {
  private ConvBlock() {}

  /**
   * Makes the layers, called 0, 1, 2. Padding keeps the size but for the stride.
   *
   * @param activation null for none
   */
  static Layer of(
      Init init, int in, int out, int kernel, int stride, int groups, Layer activation) {
    ConvOptions options = ConvOptions.DEFAULT.stride(stride).padding(kernel / 2).groups(groups);
    Conv2d conv = new Conv2d(init, in, out, kernel, options, false);
    BatchNorm2d norm = new BatchNorm2d(init, out);
    return activation == null ? new Sequential(conv, norm) : new Sequential(conv, norm, activation);
  }

  /** The same with a ReLU, which batch normalisation computes with it. */
  static Layer relu(Init init, int in, int out) {
    ConvOptions same = ConvOptions.DEFAULT.padding(1);
    Conv2d conv = new Conv2d(init, in, out, 3, same, false);
    return new Relu(conv, new BatchNorm2d(init, out));
  }

  private static final class Relu extends Layer {
    private final Conv2d conv;
    private final BatchNorm2d norm;

    Relu(Conv2d conv, BatchNorm2d norm) {
      this.conv = child("0", conv);
      this.norm = child("1", norm);
    }

    @Override
    public Tensor forward(Tensor x) {
      return norm.forwardRelu(conv, x);
    }
  }
}
