package tangram.nn.model;

import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.tensor.Tensor;

/**
 * ResNet's basic block (3x3, 3x3) or bottleneck (1x1, 3x3, 1x1 with four times the width), the
 * stride on the 3x3 convolution as in torchvision, with a projected shortcut where the shape
 * changes.
 */
final class ResidualBlock extends Module {
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final Conv2d conv3;
  private final BatchNorm2d bn3;
  private final Downsample downsample;

  ResidualBlock(Init init, int in, int width, int stride, boolean bottleneck) {
    int out = bottleneck ? 4 * width : width;
    if (bottleneck) {
      conv1 = child("conv1", new Conv2d(init, in, width, 1, 1, 0, false));
      bn1 = child("bn1", new BatchNorm2d(init, width));
      conv2 = child("conv2", new Conv2d(init, width, width, 3, stride, 1, false));
      bn2 = child("bn2", new BatchNorm2d(init, width));
      conv3 = child("conv3", new Conv2d(init, width, out, 1, 1, 0, false));
      bn3 = child("bn3", new BatchNorm2d(init, out));
    } else {
      conv1 = child("conv1", new Conv2d(init, in, width, 3, stride, 1, false));
      bn1 = child("bn1", new BatchNorm2d(init, width));
      conv2 = child("conv2", new Conv2d(init, width, out, 3, 1, 1, false));
      bn2 = child("bn2", new BatchNorm2d(init, out));
      conv3 = null;
      bn3 = null;
    }
    downsample =
        stride != 1 || in != out
            ? child("downsample", new Downsample(init, in, out, stride))
            : null;
  }

  Tensor forward(Tensor x) {
    Tensor shortcut = downsample == null ? x : downsample.forward(x);
    Tensor y = conv1.forward(x).then(bn1::forwardRelu).then(conv2::forward);
    if (conv3 == null) {
      y = y.then(last -> bn2.forwardAddRelu(last, shortcut));
    } else {
      y = y.then(bn2::forwardRelu).then(conv3::forward);
      y = y.then(last -> bn3.forwardAddRelu(last, shortcut));
    }
    if (downsample != null) {
      shortcut.release();
    }
    return y;
  }

  /** torchvision keeps the shortcut in a Sequential: convolution 0, normalisation 1. */
  private static final class Downsample extends Module {
    private final Conv2d conv;
    private final BatchNorm2d norm;

    Downsample(Init init, int in, int out, int stride) {
      conv = child("0", new Conv2d(init, in, out, 1, stride, 0, false));
      norm = child("1", new BatchNorm2d(init, out));
    }

    Tensor forward(Tensor x) {
      return conv.forward(x).then(norm::forward);
    }
  }
}
