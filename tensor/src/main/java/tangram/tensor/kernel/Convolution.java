package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/**
 * Convolution (cross-correlation, as in PyTorch); arrays are those of {@link ConvShape}. The
 * transposed convolution is {@link #convolutionInputGradient}.
 */
public interface Convolution {
  /**
   * Forward.
   *
   * @param x input
   * @param w weights
   * @param bias one for each output channel, or null
   * @param y output
   */
  void convolution(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y);

  /**
   * Forward, and the batch normalisation with fixed statistics that follows, where the device can
   * do both at once.
   *
   * @return whether it did; else nothing was written
   */
  default boolean convolution(
      ConvShape shape, Buffer x, Buffer w, Buffer bias, Normalization norm, Buffer y) {
    return false;
  }

  /** Gradient with respect to the input: gx from gy. */
  void convolutionInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx);

  /** Gradient with respect to the weights: gw from x and gy. */
  void convolutionWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw);
}
