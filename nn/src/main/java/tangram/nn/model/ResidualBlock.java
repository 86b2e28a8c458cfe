package tangram.nn.model;

import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/**
 * ResNet's basic block (3x3, 3x3) or bottleneck (1x1, 3x3, 1x1 with four times the width), the
 * stride on the 3x3 convolution as in torchvision, with a projected shortcut where the shape
 * changes.
 */
final class ResidualBlock extends Layer {
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final Conv2d conv3;
  private final BatchNorm2d bn3;
  private final Layer downsample;

  ResidualBlock(Init init, int in, int width, int stride, boolean bottleneck) {
    int out = bottleneck ? 4 * width : width;
    if (bottleneck) {
      conv1 = child("conv1", conv(init, in, width, 1, 1));
      bn1 = child("bn1", new BatchNorm2d(init, width));
      conv2 = child("conv2", conv(init, width, width, 3, stride));
      bn2 = child("bn2", new BatchNorm2d(init, width));
      conv3 = child("conv3", conv(init, width, out, 1, 1));
      bn3 = child("bn3", new BatchNorm2d(init, out));
    } else {
      conv1 = child("conv1", conv(init, in, width, 3, stride));
      bn1 = child("bn1", new BatchNorm2d(init, width));
      conv2 = child("conv2", conv(init, width, out, 3, 1));
      bn2 = child("bn2", new BatchNorm2d(init, out));
      conv3 = null;
      bn3 = null;
    }
    downsample =
        stride != 1 || in != out
            ? child("downsample", ConvBlock.of(init, in, out, 1, stride, 1, null))
            : null;
  }

  /** A convolution without bias whose output is smaller by the stride alone. */
  private static Conv2d conv(Init init, int in, int out, int kernel, int stride) {
    ConvOptions options = ConvOptions.DEFAULT.stride(stride).padding(kernel / 2);
    return new Conv2d(init, in, out, kernel, options, false);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor shortcut = downsample == null ? x : downsample.forward(x);
    Tensor y = bn1.forwardRelu(conv1, x);
    if (conv3 == null) {
      y = y.then(last -> bn2.forwardAddRelu(conv2, last, shortcut));
    } else {
      y = y.then(middle -> bn2.forwardRelu(conv2, middle));
      y = y.then(last -> bn3.forwardAddRelu(conv3, last, shortcut));
    }
    if (downsample != null) {
      shortcut.release();
    }
    return y;
  }
}
