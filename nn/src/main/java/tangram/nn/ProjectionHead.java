package tangram.nn;

import static tangram.tensor.op.NormalizeOp.normalize;

import tangram.tensor.Tensor;

/**
 * Embedding head for contrast: 1x1 convolution, batch norm, ReLU, 1x1 convolution, and unit length
 * over the channels (docs/method.md, Network).
 */
public final class ProjectionHead extends Layer {
  /** Shorter vectors are divided by this. */
  private static final double EPS = 1e-12;

  private final Conv2d conv1;
  private final BatchNorm2d bn;
  private final Conv2d conv2;

  /**
   * Creates the head.
   *
   * @param in channels of the features
   * @param dim channels of the embedding
   */
  public ProjectionHead(Init init, int in, int dim) {
    Init he = init.weights(Initializer.kaimingNormal()).biases(Initializer.zeros());
    conv1 = child("conv1", new Conv2d(he, in, in, 1));
    bn = child("bn", new BatchNorm2d(init, in));
    conv2 = child("conv2", new Conv2d(he, in, dim, 1));
  }

  /** Maps [N, in, H, W] to unit vectors [N, dim, H, W]. */
  @Override
  public Tensor forward(Tensor x) {
    return bn.forwardRelu(conv1, x).then(conv2::forward).then(v -> normalize(v, 2, 1, EPS));
  }
}
