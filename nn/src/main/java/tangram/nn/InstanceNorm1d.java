package tangram.nn;

/** {@link InstanceNorm} of [N, C, L]. */
public final class InstanceNorm1d extends InstanceNorm {
  /** Creates the layer with PyTorch's defaults: nothing is learned or kept. */
  public InstanceNorm1d(Init init, int channels) {
    this(init, channels, NormOptions.INSTANCE);
  }

  /** Creates the layer. */
  public InstanceNorm1d(Init init, int channels, NormOptions options) {
    super(init, channels, options, 3);
  }
}
