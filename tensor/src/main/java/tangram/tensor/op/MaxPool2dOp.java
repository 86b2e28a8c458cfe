package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.PoolShape;

/** Max pooling. Gradient: goes to the first largest element of each window. */
public final class MaxPool2dOp {
  private MaxPool2dOp() {}

  /**
   * Pools.
   *
   * @param x [N, C, H, W]
   * @param kernel window side
   * @param stride stride
   * @param padding padding, which never wins
   */
  public static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding) {
    Checks.reals("max_pool2d", x);
    Checks.rank("max_pool2d", x, 4);
    PoolShape s = new PoolShape(x.dim(0) * x.dim(1), x.dim(2), x.dim(3), kernel, stride, padding);
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(x.dim(0), x.dim(1), s.outH(), s.outW());
    Tensor index = x.device().uninitializedInts(x.dim(0), x.dim(1), s.outH(), s.outW());
    layout.maxPool2d(s, x.buffer(), y.buffer(), index.buffer());
    Tracer.current().maxPool2d(x, kernel, stride, padding, y);
    return Autograd.record(
        "max_pool2d(x)",
        y,
        new Tensor[] {x},
        new Tensor[] {index},
        gy -> {
          Tensor gx = Checks.like(x);
          layout.maxPool2dBackward(s, gy.buffer(), index.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
