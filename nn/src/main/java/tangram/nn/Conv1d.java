package tangram.nn;

import tangram.tensor.op.ConvOptions;

/**
 * Convolution along one dimension: [N, in, L] to [N, out, L'], with a bias unless told otherwise.
 * Options say stride, padding, dilation and groups: {@code
 * ConvOptions.DEFAULT.stride(2).padding(1)}.
 */
public final class Conv1d extends Conv {
  /** Creates the layer. */
  public Conv1d(Init init, int in, int out, int kernel) {
    this(init, in, out, kernel, ConvOptions.DEFAULT);
  }

  /** Creates the layer with options. */
  public Conv1d(Init init, int in, int out, int kernel, ConvOptions options) {
    this(init, in, out, kernel, options, true);
  }

  /** Creates the layer with options, and a bias or not. */
  public Conv1d(Init init, int in, int out, int kernel, ConvOptions options, boolean bias) {
    this(init, in, out, new int[] {kernel}, options, bias, Padding.Mode.ZEROS);
  }

  /** Creates the layer with a kernel of a side for each dimension, and a kind of padding. */
  public Conv1d(
      Init init,
      int in,
      int out,
      int[] kernel,
      ConvOptions options,
      boolean bias,
      Padding.Mode mode) {
    super(init, 1, false, in, out, kernel, options, bias, mode);
  }
}
