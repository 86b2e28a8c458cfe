package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.WindowShape;

/**
 * Puts the windows of {@link WindowPartitionOp} back and crops the padding. Gradient: {@link
 * WindowPartitionOp}.
 */
public final class WindowReverseOp {
  private WindowReverseOp() {}

  /**
   * Reassembles.
   *
   * @param x [N * windows, window^2, C]
   * @param n batch
   * @param h height before padding
   * @param w width before padding
   * @return [N, H, W, C]
   */
  public static Tensor windowReverse(Tensor x, int n, int h, int w, int window, int shift) {
    Checks.reals("window_reverse", x);
    Checks.rank("window_reverse", x, 3);
    WindowShape s = new WindowShape(n, h, w, x.dim(2), window, shift);
    Checks.that(
        x.dim(0) == n * s.rows() * s.cols() && x.dim(1) == window * window,
        () -> "window_reverse: " + x.shape() + " for a map of " + h + "x" + w);
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(n, h, w, s.c());
    layout.windowReverse(s, x.buffer(), y.buffer());
    return Autograd.record(
        "window_reverse(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.windowPartition(s, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
