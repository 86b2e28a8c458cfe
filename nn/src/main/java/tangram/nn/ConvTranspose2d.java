package tangram.nn;

import tangram.tensor.op.ConvOptions;

/**
 * Transposed convolution along two dimensions: [N, in, H, W] to [N, out, H', W'], with a bias
 * unless told otherwise. Options say stride, padding, dilation and groups: {@code
 * ConvOptions.DEFAULT.stride(2).padding(1)}.
 */
public final class ConvTranspose2d extends Conv {
  /** Creates the layer. */
  public ConvTranspose2d(Init init, int in, int out, int kernel) {
    this(init, in, out, kernel, ConvOptions.DEFAULT);
  }

  /** Creates the layer with options. */
  public ConvTranspose2d(Init init, int in, int out, int kernel, ConvOptions options) {
    this(init, in, out, kernel, options, true);
  }

  /** Creates the layer with options, and a bias or not. */
  public ConvTranspose2d(
      Init init, int in, int out, int kernel, ConvOptions options, boolean bias) {
    this(init, in, out, new int[] {kernel}, options, bias);
  }

  /** Creates the layer with a kernel of a side for each dimension. */
  public ConvTranspose2d(
      Init init, int in, int out, int[] kernel, ConvOptions options, boolean bias) {
    super(init, 2, true, in, out, kernel, options, bias, Padding.Mode.ZEROS);
  }
}
