package tangram.nn;

/** {@link BatchNorm} of [N, C, D, H, W]. */
public final class BatchNorm3d extends BatchNorm {
  /** Creates the layer with PyTorch's defaults. */
  public BatchNorm3d(Init init, int channels) {
    this(init, channels, NormOptions.BATCH);
  }

  /** Creates the layer. */
  public BatchNorm3d(Init init, int channels, NormOptions options) {
    super(init, channels, options, 5, 5);
  }
}
