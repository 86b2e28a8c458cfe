package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Normalization;

/** A convolution and the normalisation that follows it. */
public final class ConvNormOp {
  private ConvNormOp() {}

  /**
   * Convolves and normalises with fixed statistics: {@link NormOp#batchNormInference} of what
   * {@link ConvOp#conv} computes, with the same bits. Where no derivative is wanted and the device
   * can, that is one pass over the output instead of two.
   *
   * @param residual added before the activation, of the shape of the output, or null
   * @param gamma scale [K] or null
   * @param beta shift [K] or null
   * @param eps added to the variance
   * @param relu whether a ReLU follows
   */
  public static Tensor convBatchNormInference(
      int rank,
      Tensor x,
      Tensor weight,
      Tensor bias,
      ConvOptions options,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor var,
      double eps,
      boolean relu) {
    if (!Tracer.isStarted()
        && x.shape().rank() == rank + 2
        && !Autograd.isNeeded(x, weight, bias, residual, gamma, beta)) {
      String name = "conv" + rank + "d";
      ConvOp.check(name, rank, x, weight, bias, 0);
      ConvOp.Plan plan = ConvOp.plan(name, rank, false, x, weight, options);
      Tensor y = x.device().uninitialized(x.type(), plan.out());
      NormOp.check(y, residual, gamma, beta, mean, var);
      Normalization norm =
          new Normalization(
              mean.buffer(),
              var.buffer(),
              ConvOp.buffer(gamma),
              ConvOp.buffer(beta),
              eps,
              ConvOp.buffer(residual),
              relu);
      Convolution convolution = x.device().kernels().convolution();
      if (y.size() == 0
          || convolution.convolution(
              plan.shape(), x.buffer(), weight.buffer(), ConvOp.buffer(bias), norm, y.buffer())) {
        return y;
      }
      y.release();
    }
    return ConvOp.conv(rank, x, weight, bias, options)
        .then(y -> NormOp.batchNormInference(y, residual, gamma, beta, mean, var, eps, relu));
  }
}
