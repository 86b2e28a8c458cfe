package tangram.nn;

import tangram.tensor.op.ConvOptions;

/**
 * Convolution along two dimensions: [N, in, H, W] to [N, out, H', W'], with a bias unless told
 * otherwise. Options say stride, padding, dilation and groups: {@code
 * ConvOptions.DEFAULT.stride(2).padding(1)}.
 */
public final class Conv2d extends Conv {
  /** Creates the layer. */
  public Conv2d(Init init, int in, int out, int kernel) {
    this(init, in, out, kernel, ConvOptions.DEFAULT);
  }

  /** Creates the layer with options. */
  public Conv2d(Init init, int in, int out, int kernel, ConvOptions options) {
    this(init, in, out, kernel, options, true);
  }

  /** Creates the layer with options, and a bias or not. */
  public Conv2d(Init init, int in, int out, int kernel, ConvOptions options, boolean bias) {
    this(init, in, out, new int[] {kernel}, options, bias, Padding.Mode.ZEROS);
  }

  /** Creates the layer with a kernel of a side for each dimension, and a kind of padding. */
  public Conv2d(
      Init init,
      int in,
      int out,
      int[] kernel,
      ConvOptions options,
      boolean bias,
      Padding.Mode mode) {
    super(init, 2, false, in, out, kernel, options, bias, mode);
  }
}
