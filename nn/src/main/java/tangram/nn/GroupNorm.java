package tangram.nn;

import static tangram.tensor.op.NormOp.groupNorm;

import tangram.tensor.Tensor;

/** Normalisation of groups of neighbouring channels of every sample (Wu and He 2018). */
public final class GroupNorm extends Layer {
  private final int groups;
  private final double eps;
  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer with factors and summands. */
  public GroupNorm(Init init, int groups, int channels) {
    this(init, groups, channels, LayerNorm.EPS, true);
  }

  /**
   * Creates the layer.
   *
   * @param groups divides the channels
   * @param eps added to the variance
   * @param affine whether factors and summands are learned
   */
  public GroupNorm(Init init, int groups, int channels, double eps, boolean affine) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(channels + " channels in " + groups + " groups");
    }
    this.groups = groups;
    this.eps = eps;
    this.weight = affine ? parameter("weight", init.full(1, channels)) : null;
    this.bias = affine ? parameter("bias", init.full(0, channels)) : null;
  }

  /** Normalises [N, C, ...]. */
  @Override
  public Tensor forward(Tensor x) {
    return groupNorm(x, groups, weight, bias, eps);
  }
}
