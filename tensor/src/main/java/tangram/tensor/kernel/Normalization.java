package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Batch and layer normalisation, and normalisation to unit length. */
public interface Normalization {
  /**
   * Batch normalisation over (N, H, W) for each channel in training, fused with what follows it in
   * a residual network: {@code y = act(gamma * (x - mean) * invStd + beta + residual)}.
   *
   * <p>The running statistics move by {@code momentum} towards the batch mean and the unbiased
   * batch variance. Source: Ioffe and Szegedy 2015; PyTorch's {@code batch_norm}.
   *
   * @param n batch
   * @param c channels
   * @param hw pixels of one channel
   * @param x input [N, C, HW]
   * @param residual added before the activation, [N, C, HW], or null
   * @param gamma scale [C]
   * @param beta shift [C]
   * @param runningMean updated in place [C]
   * @param runningVar updated in place [C]
   * @param momentum weight of the new statistics
   * @param eps added to the variance
   * @param relu whether a ReLU follows
   * @param mean out: batch mean [C]
   * @param invStd out: 1 / sqrt(biased variance + eps) [C]
   * @param y output [N, C, HW]
   */
  void batchNorm(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double momentum,
      double eps,
      boolean relu,
      Buffer mean,
      Buffer invStd,
      Buffer y);

  /**
   * Gradient of {@link #batchNorm}.
   *
   * @param y the forward output; read only if {@code relu}
   * @param gy gradient of y [N, C, HW]
   * @param gx out: gradient of x; the buffer of gy if there is no gResidual and gy is not needed
   * @param gResidual out: gradient of the residual, or null; may be the buffer of gy
   * @param gGamma out: [C]
   * @param gBeta out: [C]
   */
  void batchNormBackward(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      boolean relu,
      Buffer gy,
      Buffer gx,
      Buffer gResidual,
      Buffer gGamma,
      Buffer gBeta);

  /**
   * Per-channel affine map with fixed statistics, fused as in {@link #batchNorm}: batch
   * normalisation at inference.
   */
  void batchNormInference(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double eps,
      boolean relu,
      Buffer y);

  /**
   * Layer normalisation of every row: {@code y = gamma * (x - mean) * invStd + beta}.
   *
   * @param rows number of rows
   * @param cols length of a row
   * @param x [rows, cols]
   * @param gamma [cols]
   * @param beta [cols]
   * @param eps added to the biased variance
   * @param mean out: [rows]
   * @param invStd out: [rows]
   * @param y [rows, cols]
   */
  void layerNorm(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      double eps,
      Buffer mean,
      Buffer invStd,
      Buffer y);

  /** Gradient of {@link #layerNorm}; gx may be the buffer of gy. */
  void layerNormBackward(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      Buffer gy,
      Buffer gx,
      Buffer gGamma,
      Buffer gBeta);

  /**
   * Scales the vectors along the middle dimension to unit length: {@code y = x / max(|x|, eps)}.
   *
   * @param x [outer, c, inner]
   * @param norm out: max(|x|, eps) [outer, inner]
   * @param y [outer, c, inner]
   */
  void normalize(int outer, int c, int inner, Buffer x, double eps, Buffer norm, Buffer y);

  /**
   * Gradient of {@link #normalize} from its output y: {@code gx = (gy - y (y . gy)) / norm}, which
   * is exact for zero vectors and for those longer than eps. Gx may be the buffer of gy.
   */
  void normalizeBackward(int outer, int c, int inner, Buffer y, Buffer norm, Buffer gy, Buffer gx);
}
