package tangram.nn;

/**
 * How channels are normalised.
 *
 * @param eps added to the variance
 * @param momentum weight of a batch in the running statistics; null for the mean of all batches
 * @param affine whether factors and summands are learned
 * @param trackRunningStats whether statistics are kept, by which evaluation normalises
 */
public record NormOptions(double eps, Double momentum, boolean affine, boolean trackRunningStats) {
  /** PyTorch's of batch normalisation. */
  public static final NormOptions BATCH = new NormOptions(1e-5, 0.1, true, true);

  /** PyTorch's of instance normalisation. */
  public static final NormOptions INSTANCE = new NormOptions(1e-5, 0.1, false, false);

  /** Another number added to the variance. */
  public NormOptions eps(double eps) {
    return new NormOptions(eps, momentum, affine, trackRunningStats);
  }

  /** Another weight of a batch in the running statistics; null for the mean of all batches. */
  public NormOptions momentum(Double momentum) {
    return new NormOptions(eps, momentum, affine, trackRunningStats);
  }

  /** Whether factors and summands are learned. */
  public NormOptions affine(boolean affine) {
    return new NormOptions(eps, momentum, affine, trackRunningStats);
  }

  /** Whether statistics are kept, by which evaluation normalises. */
  public NormOptions trackRunningStats(boolean trackRunningStats) {
    return new NormOptions(eps, momentum, affine, trackRunningStats);
  }
}
