package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.kernel.ConvShape;

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch): {@code y[n, k, i, j] = b[k] + sum
 * over c, r, s of x[n, c, i * stride + r - padding, j * stride + s - padding] w[k, c, r, s]}.
 */
public final class Conv2dOp {
  private Conv2dOp() {}

  /**
   * Convolves.
   *
   * @param x [N, C, H, W]
   * @param weight [K, C, R, S]
   * @param bias [K], or null
   * @param stride stride in both directions
   * @param padding zero padding on all sides
   * @return [N, K, (H + 2 padding - R) / stride + 1, (W + 2 padding - S) / stride + 1]
   */
  public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding) {
    Checks.reals("conv2d", x, weight, bias);
    Checks.rank("conv2d", x, 4);
    Checks.rank("conv2d weights", weight, 4);
    Checks.that(
        weight.dim(1) == x.dim(1),
        () -> "conv2d: weights " + weight.shape() + " for an input of " + x.shape());
    Checks.that(
        bias == null || bias.shape().equals(Shape.of(weight.dim(0))),
        () -> "conv2d: one bias for each of " + weight.dim(0) + " channels");
    ConvShape s =
        new ConvShape(
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            weight.dim(0),
            weight.dim(2),
            weight.dim(3),
            stride,
            padding);
    var kernels = x.device().kernels();
    Tensor y = x.device().uninitialized(s.n(), s.k(), s.outH(), s.outW());
    kernels
        .convolution()
        .conv2d(s, x.buffer(), weight.buffer(), bias == null ? null : bias.buffer(), y.buffer());
    Tracer.current().conv2d(x, weight, bias, stride, padding, y);
    return Autograd.record(
        "conv2d(x, weight, bias)",
        y,
        new Tensor[] {x, weight, bias},
        new Tensor[] {x, weight},
        gy -> {
          var convolution = kernels.convolution();
          Tensor gx = null;
          Tensor gw = null;
          Tensor gb = null;
          if (x.requiresGrad()) {
            gx = Checks.like(x);
            convolution.conv2dInputGradient(s, gy.buffer(), weight.buffer(), gx.buffer());
          }
          if (weight.requiresGrad()) {
            gw = Checks.like(weight);
            convolution.conv2dWeightGradient(s, x.buffer(), gy.buffer(), gw.buffer());
          }
          if (bias != null && bias.requiresGrad()) {
            gb = Checks.like(bias);
            FoldOp.sum(kernels, gy.asView(), View.dense(gb.type(), gb.buffer(), 1, s.k(), 1, 1));
          }
          return new Tensor[] {gx, gw, gb};
        });
  }
}
