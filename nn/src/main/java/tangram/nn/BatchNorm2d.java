package tangram.nn;

import static tangram.tensor.op.NormOp.batchNorm;
import static tangram.tensor.op.NormOp.batchNormInference;

import tangram.tensor.Tensor;

/**
 * Batch normalisation with PyTorch's defaults (eps 1e-5, momentum 0.1). The residual sum and the
 * ReLU that usually follow can be taken along in the same pass.
 */
public final class BatchNorm2d extends Module {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;

  /** Creates the layer for a number of channels. */
  public BatchNorm2d(Init init, int channels) {
    this.weight = parameter("weight", init.full(1, channels));
    this.bias = parameter("bias", init.full(0, channels));
    this.runningMean = buffer("running_mean", init.full(0, channels));
    this.runningVar = buffer("running_var", init.full(1, channels));
  }

  /** Normalises [N, C, H, W]. */
  public Tensor forward(Tensor x) {
    return apply(x, null, false);
  }

  /** Normalises, then ReLU. */
  public Tensor forwardRelu(Tensor x) {
    return apply(x, null, true);
  }

  /** Normalises, adds a residual of the same shape, then ReLU. */
  public Tensor forwardAddRelu(Tensor x, Tensor residual) {
    return apply(x, residual, true);
  }

  private Tensor apply(Tensor x, Tensor residual, boolean relu) {
    return isTraining()
        ? batchNorm(x, residual, weight, bias, runningMean, runningVar, MOMENTUM, EPS, relu)
        : batchNormInference(x, residual, weight, bias, runningMean, runningVar, EPS, relu);
  }
}
