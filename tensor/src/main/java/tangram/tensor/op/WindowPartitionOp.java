package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.WindowShape;

/**
 * Swin window partition: pads [N, H, W, C] with zeros at the bottom and right to multiples of the
 * window, rolls it by -shift and cuts it into windows. Source: Liu et al. 2021. Gradient: {@link
 * WindowReverseOp}.
 */
public final class WindowPartitionOp {
  private WindowPartitionOp() {}

  /**
   * Partitions.
   *
   * @param x [N, H, W, C]
   * @param window window side
   * @param shift cyclic shift, below the window side
   * @return [N * windows, window^2, C]
   */
  public static Tensor windowPartition(Tensor x, int window, int shift) {
    Checks.reals("window_partition", x);
    Checks.rank("window_partition", x, 4);
    WindowShape s = new WindowShape(x.dim(0), x.dim(1), x.dim(2), x.dim(3), window, shift);
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(s.n() * s.rows() * s.cols(), window * window, s.c());
    layout.windowPartition(s, x.buffer(), y.buffer());
    return Autograd.record(
        "window_partition(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.windowReverse(s, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
