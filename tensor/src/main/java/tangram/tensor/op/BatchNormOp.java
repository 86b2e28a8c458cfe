package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/**
 * Batch normalisation of [N, C, H, W], with the residual sum and the ReLU that follow it in a
 * residual network: {@code y = act(gamma (x - mean) / sqrt(var + eps) + beta + residual)}. One pass
 * instead of three over memory. Source: Ioffe and Szegedy 2015; conventions of PyTorch's {@code
 * batch_norm}.
 */
public final class BatchNormOp {
  private BatchNormOp() {}

  /**
   * Normalises with the statistics of the batch and moves the running statistics towards them.
   *
   * @param x [N, C, H, W]
   * @param residual added before the activation, of the shape of x, or null
   * @param gamma scale [C]
   * @param beta shift [C]
   * @param runningMean [C], updated
   * @param runningVar [C], updated with the unbiased variance
   * @param momentum weight of the new statistics
   * @param eps added to the variance
   * @param relu whether a ReLU follows
   */
  public static Tensor batchNorm(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double eps,
      boolean relu) {
    check(x, residual, gamma, beta, runningMean, runningVar);
    int n = x.dim(0);
    int c = x.dim(1);
    int hw = x.dim(2) * x.dim(3);
    Checks.that(
        n * hw > 1,
        () ->
            "batch_norm needs more than one value a channel to train, not an input of "
                + x.shape());
    var normalization = x.device().kernels().normalization();
    Tensor y = Checks.like(x);
    Tensor mean = x.device().uninitialized(c);
    Tensor invStd = x.device().uninitialized(c);
    normalization.batchNorm(
        n,
        c,
        hw,
        x.buffer(),
        residual == null ? null : residual.buffer(),
        gamma.buffer(),
        beta.buffer(),
        runningMean.bufferToWrite(),
        runningVar.bufferToWrite(),
        momentum,
        eps,
        relu,
        mean.buffer(),
        invStd.buffer(),
        y.buffer());
    return Autograd.record(
        "batch_norm(x, residual, gamma, beta)",
        y,
        new Tensor[] {x, residual, gamma, beta},
        relu ? new Tensor[] {x, y, gamma, mean, invStd} : new Tensor[] {x, gamma, mean, invStd},
        gy -> {
          boolean through = residual != null && residual.requiresGrad();
          Tensor gResidual = through ? Checks.inPlaceOf(gy) : null;
          Tensor gx = through ? Checks.like(x) : Checks.inPlaceOf(gy);
          Tensor gGamma = Checks.like(gamma);
          Tensor gBeta = Checks.like(beta);
          normalization.batchNormBackward(
              n,
              c,
              hw,
              x.buffer(),
              relu ? y.buffer() : null,
              gamma.buffer(),
              mean.buffer(),
              invStd.buffer(),
              relu,
              gy.buffer(),
              gx.buffer(),
              gResidual == null ? null : gResidual.buffer(),
              gGamma.buffer(),
              gBeta.buffer());
          return new Tensor[] {gx, gResidual, gGamma, gBeta};
        });
  }

  /**
   * Normalises with fixed statistics: inference. Not differentiable; call it without recording.
   *
   * @param x [N, C, H, W]
   */
  public static Tensor batchNormInference(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVar,
      double eps,
      boolean relu) {
    check(x, residual, gamma, beta, runningMean, runningVar);
    Checks.notRecorded("batch norm at inference", x, residual, gamma, beta);
    Tensor y = Checks.like(x);
    x.device()
        .kernels()
        .normalization()
        .batchNormInference(
            x.dim(0),
            x.dim(1),
            x.dim(2) * x.dim(3),
            x.buffer(),
            residual == null ? null : residual.buffer(),
            gamma.buffer(),
            beta.buffer(),
            runningMean.buffer(),
            runningVar.buffer(),
            eps,
            relu,
            y.buffer());
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(residual);
    Tracer.current()
        .batchNormInference(x, residual, gamma, beta, runningMean, runningVar, eps, relu, y);
    return y;
  }

  private static void check(Tensor x, Tensor residual, Tensor... perChannel) {
    Checks.reals("batch_norm", x, residual);
    Checks.realsWith("batch_norm", x, perChannel);
    Checks.rank("batch_norm", x, 4);
    Checks.notEmpty("batch_norm", x);
    for (Tensor t : perChannel) {
      Checks.that(
          t.size() == x.dim(1),
          () -> "batch_norm: " + t.shape() + " for the channels of an input of " + x.shape());
    }
    if (residual != null) {
      Checks.sameShape("batch_norm residual", x, residual);
    }
  }
}
