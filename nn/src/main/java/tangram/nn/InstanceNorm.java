package tangram.nn;

import static tangram.tensor.op.NormOp.batchNormInference;
import static tangram.tensor.op.NormOp.instanceNorm;

import tangram.tensor.Autograd;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Normalisation of every channel of every sample by itself (Ulyanov et al. 2016). */
public abstract class InstanceNorm extends ChannelNorm {
  InstanceNorm(Init init, int channels, NormOptions options, int rank) {
    super(init, channels, options, rank, rank);
  }

  /** Normalises the channels of [N, C, ...]. */
  @Override
  public final Tensor forward(Tensor x) {
    check(x);
    if (!usesInput()) {
      return batchNormInference(
          x, null, weight, bias, runningMean, runningVar, options.eps(), false);
    }
    if (runningMean != null) {
      track(x);
    }
    return instanceNorm(x, weight, bias, options.eps());
  }

  /** Moves the statistics to the mean of those of the samples. */
  private void track(Tensor x) {
    double momentum = momentum();
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor flat = x.flatten(2, -1);
      runningMean.copyFrom(runningMean.lerp(flat.mean(0, 2), momentum));
      Tensor variances = flat.var(new int[] {2}, 1, false);
      runningVar.copyFrom(runningVar.lerp(variances.mean(0), momentum));
    }
  }
}
