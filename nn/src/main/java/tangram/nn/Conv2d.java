package tangram.nn;

import static tangram.tensor.op.ConvOp.conv2d;

import tangram.tensor.Tensor;

/** Two-dimensional convolution with learned weights, initialised by Kaiming's rule; bias 0. */
public final class Conv2d extends Module {
  private final Tensor weight;
  private final Tensor bias;
  private final int stride;
  private final int padding;

  /**
   * Creates the layer.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param stride stride
   * @param padding zero padding
   * @param withBias whether a bias is learned
   */
  public Conv2d(Init init, int in, int out, int kernel, int stride, int padding, boolean withBias) {
    this.weight = parameter("weight", init.kaimingNormal(out, in, kernel, kernel));
    this.bias = withBias ? parameter("bias", init.full(0, out)) : null;
    this.stride = stride;
    this.padding = padding;
  }

  /** Maps [N, in, H, W] to [N, out, H', W']. */
  public Tensor forward(Tensor x) {
    return conv2d(x, weight, bias, stride, padding);
  }
}
