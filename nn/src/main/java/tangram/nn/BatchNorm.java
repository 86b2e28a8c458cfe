package tangram.nn;

import static tangram.tensor.op.NormOp.batchNorm;
import static tangram.tensor.op.NormOp.batchNormInference;

import tangram.tensor.Tensor;

/**
 * Batch normalisation (Ioffe and Szegedy 2015). The residual sum and the ReLU that usually follow
 * can be taken along in the same pass. Statistics are updated in training only.
 */
public abstract class BatchNorm extends ChannelNorm {
  BatchNorm(Init init, int channels, NormOptions options, int leastRank, int mostRank) {
    super(init, channels, options, leastRank, mostRank);
  }

  /** Normalises the channels of [N, C, ...]. */
  @Override
  public final Tensor forward(Tensor x) {
    return apply(x, null, false);
  }

  /** Normalises, then ReLU. */
  public final Tensor forwardRelu(Tensor x) {
    return apply(x, null, true);
  }

  /** Normalises, adds a residual of the same shape, then ReLU. */
  public final Tensor forwardAddRelu(Tensor x, Tensor residual) {
    return apply(x, residual, true);
  }

  /** Convolves, then normalises; one pass in evaluation where no derivative is wanted. */
  public final Tensor forward(Conv conv, Tensor x) {
    return apply(conv, x, null, false);
  }

  /** {@link #forwardRelu(Tensor)} of what a convolution computes. */
  public final Tensor forwardRelu(Conv conv, Tensor x) {
    return apply(conv, x, null, true);
  }

  /** {@link #forwardAddRelu(Tensor, Tensor)} of what a convolution computes. */
  public final Tensor forwardAddRelu(Conv conv, Tensor x, Tensor residual) {
    return apply(conv, x, residual, true);
  }

  private Tensor apply(Conv conv, Tensor x, Tensor residual, boolean relu) {
    return usesInput() || !conv.isOneOperation()
        ? conv.forward(x).then(y -> apply(y, residual, relu))
        : conv.forward(x, this, residual, relu);
  }

  private Tensor apply(Tensor x, Tensor residual, boolean relu) {
    check(x);
    double eps = options.eps();
    if (!usesInput()) {
      return batchNormInference(x, residual, weight, bias, runningMean, runningVar, eps, relu);
    }
    if (!isTraining()) {
      return batchNorm(x, residual, weight, bias, null, null, 0, eps, relu);
    }
    return batchNorm(x, residual, weight, bias, runningMean, runningVar, momentum(), eps, relu);
  }
}
