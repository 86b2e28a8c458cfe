package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Layer normalisation over the last dimension, {@code y = gamma (x - mean) / sqrt(var + eps) +
 * beta} with the biased variance of each row. Source: Ba, Kiros and Hinton 2016.
 */
public final class LayerNormOp {
  private LayerNormOp() {}

  /**
   * Normalises every row.
   *
   * @param x [..., C]
   * @param gamma [C]
   * @param beta [C]
   * @param eps added to the variance
   */
  public static Tensor layerNorm(Tensor x, Tensor gamma, Tensor beta, double eps) {
    Checks.reals("layer_norm", x, gamma, beta);
    Checks.notEmpty("layer_norm", x);
    int cols = x.dim(-1);
    Checks.that(
        gamma.size() == cols && beta.size() == cols,
        () -> "layer_norm: " + gamma.size() + " channels for an input of " + x.shape());
    int rows = x.size() / cols;
    var normalization = x.device().kernels().normalization();
    Tensor y = Checks.like(x);
    Tensor mean = x.device().uninitialized(rows);
    Tensor invStd = x.device().uninitialized(rows);
    normalization.layerNorm(
        rows,
        cols,
        x.buffer(),
        gamma.buffer(),
        beta.buffer(),
        eps,
        mean.buffer(),
        invStd.buffer(),
        y.buffer());
    return Autograd.record(
        "layer_norm(x, gamma, beta)",
        y,
        new Tensor[] {x, gamma, beta},
        new Tensor[] {x, gamma, mean, invStd},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          Tensor gGamma = Checks.like(gamma);
          Tensor gBeta = Checks.like(beta);
          normalization.layerNormBackward(
              rows,
              cols,
              x.buffer(),
              gamma.buffer(),
              mean.buffer(),
              invStd.buffer(),
              gy.buffer(),
              gx.buffer(),
              gGamma.buffer(),
              gBeta.buffer());
          return new Tensor[] {gx, gGamma, gBeta};
        });
  }
}
