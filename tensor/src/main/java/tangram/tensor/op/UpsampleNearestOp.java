package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/**
 * Nearest-neighbour upsampling by two of [N, C, H, W], {@code y[.., i, j] = x[.., i / 2, j / 2]}.
 * Gradient: sums of 2x2 blocks.
 */
public final class UpsampleNearestOp {
  private UpsampleNearestOp() {}

  /**
   * Doubles height and width.
   *
   * @param x [N, C, H, W]
   * @return [N, C, 2H, 2W]
   */
  public static Tensor upsampleNearest2x(Tensor x) {
    Checks.reals("upsample", x);
    Checks.rank("upsample", x, 4);
    Checks.notEmpty("upsample", x);
    int planes = x.dim(0) * x.dim(1);
    int h = x.dim(2);
    int w = x.dim(3);
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(x.dim(0), x.dim(1), 2 * h, 2 * w);
    layout.upsampleNearest2x(planes, h, w, x.buffer(), y.buffer());
    Tracer.current().upsampleNearest2x(x, y);
    return Autograd.record(
        "upsample_nearest2x(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.upsampleNearest2xBackward(planes, h, w, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
