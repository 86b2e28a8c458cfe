package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.kernel.GemmShape;

/**
 * Affine map of the last dimension, {@code y = x W^T + b}.
 *
 * <p>Gradients: {@code gx = gy W}, {@code gW = gy^T x}, {@code gb = sum over rows of gy}.
 */
public final class LinearOp {
  private LinearOp() {}

  /**
   * Applies the map to every row.
   *
   * @param x [..., in]
   * @param weight [out, in]
   * @param bias [out], or null
   * @return [..., out]
   */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    Checks.alike("linear", x, weight, bias);
    Checks.that(weight != null, () -> "linear needs weights, not null");
    Checks.notEmpty("linear", weight);
    int in = x.dim(-1);
    Checks.that(
        weight.shape().rank() == 2 && weight.dim(1) == in,
        () -> "linear: weights " + weight.shape() + " for an input of " + x.shape());
    int out = weight.dim(0);
    Checks.that(
        bias == null || bias.shape().equals(Shape.of(out)),
        () -> "linear: the bias has " + out + " elements");
    if (x.type() != DType.F32 || x.size() == 0) {
      Tensor product = weight.t().then(t -> MatmulOp.matmul(x, t));
      return bias == null ? product : product.then(y -> y.add(bias));
    }
    int rows = x.size() / in;
    int[] dims = x.shape().dims();
    dims[dims.length - 1] = out;
    Tensor y = x.device().uninitialized(dims);
    var kernels = x.device().kernels();
    var algebra = kernels.linearAlgebra();
    GemmShape product = GemmShape.of(false, true, rows, out, in);
    if (bias == null) {
      algebra.gemm(product, x.buffer(), weight.buffer(), y.buffer(), false);
    } else {
      algebra.linear(product, x.buffer(), weight.buffer(), bias.buffer(), y.buffer());
    }
    Tracer.current().operation("linear", y, new Tensor[] {x, weight, bias});
    return Autograd.record(
        "linear(x, weight, bias)",
        y,
        new Tensor[] {x, weight, bias},
        new Tensor[] {x, weight},
        gy -> {
          Tensor gx = null;
          Tensor gw = null;
          Tensor gb = null;
          if (x.requiresGrad()) {
            gx = Checks.like(x);
            GemmShape shape = GemmShape.of(false, false, rows, in, out);
            algebra.gemm(shape, gy.buffer(), weight.buffer(), gx.buffer(), false);
          }
          boolean biased = bias != null && bias.requiresGrad();
          if (biased) {
            gb = Checks.like(bias);
          }
          if (weight.requiresGrad()) {
            gw = Checks.like(weight);
            GemmShape shape = GemmShape.of(true, false, out, in, rows);
            if (biased) {
              algebra.linearGradient(shape, gy.buffer(), x.buffer(), gw.buffer(), gb.buffer());
            } else {
              algebra.gemm(shape, gy.buffer(), x.buffer(), gw.buffer(), false);
            }
          } else if (biased) {
            View all = View.dense(gy.type(), gy.buffer(), rows, out);
            FoldOp.sum(kernels, all, View.dense(gb.type(), gb.buffer(), 1, out));
          }
          return new Tensor[] {gx, gw, gb};
        });
  }
}
