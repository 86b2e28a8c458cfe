package tangram.nn;

/** {@link InstanceNorm} of [N, C, D, H, W]. */
public final class InstanceNorm3d extends InstanceNorm {
  /** Creates the layer with PyTorch's defaults: nothing is learned or kept. */
  public InstanceNorm3d(Init init, int channels) {
    this(init, channels, NormOptions.INSTANCE);
  }

  /** Creates the layer. */
  public InstanceNorm3d(Init init, int channels, NormOptions options) {
    super(init, channels, options, 5);
  }
}
