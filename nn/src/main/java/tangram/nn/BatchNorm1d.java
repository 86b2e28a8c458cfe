package tangram.nn;

/** {@link BatchNorm} of [N, C] or [N, C, L]. */
public final class BatchNorm1d extends BatchNorm {
  /** Creates the layer with PyTorch's defaults. */
  public BatchNorm1d(Init init, int channels) {
    this(init, channels, NormOptions.BATCH);
  }

  /** Creates the layer. */
  public BatchNorm1d(Init init, int channels, NormOptions options) {
    super(init, channels, options, 2, 3);
  }
}
