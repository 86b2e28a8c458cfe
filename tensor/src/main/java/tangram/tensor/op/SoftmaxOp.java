package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Softmax over one dimension, {@code y_k = exp(x_k) / sum_j exp(x_j)}. Gradient: {@code gx = y (gy
 * - sum_k y_k gy_k)}.
 */
public final class SoftmaxOp {
  private SoftmaxOp() {}

  /**
   * Applies softmax.
   *
   * @param x any shape
   * @param dim the dimension that sums to one; negative counts from the end
   */
  public static Tensor softmax(Tensor x, int dim) {
    Checks.reals("softmax", x);
    Checks.notEmpty("softmax", x);
    int[] split = Checks.split(x.shape(), dim);
    var reduction = x.device().kernels().reduction();
    Tensor y = Checks.like(x);
    reduction.softmax(split[0], split[1], split[2], x.buffer(), y.buffer());
    return Autograd.record(
        "softmax(x)",
        y,
        new Tensor[] {x},
        new Tensor[] {y},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          reduction.softmaxBackward(
              split[0], split[1], split[2], y.buffer(), gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
