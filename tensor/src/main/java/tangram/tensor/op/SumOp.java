package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/** Sum of all elements, of shape []. Gradient: {@code gx = gy} everywhere. */
public final class SumOp {
  private SumOp() {}

  /** Sums a tensor of any shape. */
  public static Tensor sum(Tensor x) {
    Checks.reals("sum", x);
    var kernels = x.device().kernels();
    Tensor y = x.device().uninitialized();
    kernels.reduction().sum(x.buffer(), y.buffer());
    return Autograd.record(
        "sum(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          // Each of the x.size() rows of one column becomes the one element of gy.
          kernels.elementwise().broadcastRows(x.size(), 1, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
