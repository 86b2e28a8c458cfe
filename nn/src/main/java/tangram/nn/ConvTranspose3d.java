package tangram.nn;

import tangram.tensor.op.ConvOptions;

/**
 * Transposed convolution along three dimensions: [N, in, D, H, W] to [N, out, D', H', W'], with a
 * bias unless told otherwise. Options say stride, padding, dilation and groups: {@code
 * ConvOptions.DEFAULT.stride(2).padding(1)}.
 */
public final class ConvTranspose3d extends Conv {
  /** Creates the layer. */
  public ConvTranspose3d(Init init, int in, int out, int kernel) {
    this(init, in, out, kernel, ConvOptions.DEFAULT);
  }

  /** Creates the layer with options. */
  public ConvTranspose3d(Init init, int in, int out, int kernel, ConvOptions options) {
    this(init, in, out, kernel, options, true);
  }

  /** Creates the layer with options, and a bias or not. */
  public ConvTranspose3d(
      Init init, int in, int out, int kernel, ConvOptions options, boolean bias) {
    this(init, in, out, new int[] {kernel}, options, bias);
  }

  /** Creates the layer with a kernel of a side for each dimension. */
  public ConvTranspose3d(
      Init init, int in, int out, int[] kernel, ConvOptions options, boolean bias) {
    super(init, 3, true, in, out, kernel, options, bias, Padding.Mode.ZEROS);
  }
}
