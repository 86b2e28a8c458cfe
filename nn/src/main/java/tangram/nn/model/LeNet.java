package tangram.nn.model;

import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;

/** LeNet-5 (LeCun et al. 1998) with ReLU and maxima, for images of 28x28 pixels. */
public final class LeNet extends Layer {
  private static final PoolOptions HALF = PoolOptions.of(2);

  private final Conv2d conv1;
  private final Conv2d conv2;
  private final Linear fc1;
  private final Linear fc2;
  private final Linear fc3;

  /**
   * Creates the network.
   *
   * @param inChannels channels of the image
   * @param classes what it tells apart
   */
  public LeNet(Init init, int inChannels, int classes) {
    conv1 = child("conv1", new Conv2d(init, inChannels, 6, 5, ConvOptions.DEFAULT.padding(2)));
    conv2 = child("conv2", new Conv2d(init, 6, 16, 5, ConvOptions.DEFAULT));
    fc1 = child("fc1", new Linear(init, 16 * 5 * 5, 120));
    fc2 = child("fc2", new Linear(init, 120, 84));
    fc3 = child("fc3", new Linear(init, 84, classes));
  }

  /**
   * Classifies images.
   *
   * @param x [N, channels, 28, 28]
   * @return logits [N, classes]
   */
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = conv1.forward(x).then(Tensor::relu).then(t -> t.maxPool2d(HALF));
    y = y.then(conv2::forward).then(Tensor::relu).then(t -> t.maxPool2d(HALF));
    y = y.then(t -> t.flatten(1, -1)).then(fc1::forward).then(Tensor::relu);
    return y.then(fc2::forward).then(Tensor::relu).then(fc3::forward);
  }
}
