package tangram.nn;

/** {@link BatchNorm} of [N, C, H, W]. */
public final class BatchNorm2d extends BatchNorm {
  /** Creates the layer with PyTorch's defaults. */
  public BatchNorm2d(Init init, int channels) {
    this(init, channels, NormOptions.BATCH);
  }

  /** Creates the layer. */
  public BatchNorm2d(Init init, int channels, NormOptions options) {
    super(init, channels, options, 4, 4);
  }
}
