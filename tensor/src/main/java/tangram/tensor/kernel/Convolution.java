package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch) on [N, C, H, W] with weights [K,
 * C, R, S].
 */
public interface Convolution {
  /**
   * Forward.
   *
   * @param x input [N, C, H, W]
   * @param w weights [K, C, R, S]
   * @param bias [K], or null
   * @param y output [N, K, outH, outW]
   */
  void conv2d(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y);

  /** Gradient with respect to the input: gx [N, C, H, W] from gy [N, K, outH, outW]. */
  void conv2dInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx);

  /** Gradient with respect to the weights: gw [K, C, R, S]. */
  void conv2dWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw);
}
