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
