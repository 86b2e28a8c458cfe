package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Bilinear resize of [N, C, H, W] with half-pixel centres; PyTorch's {@code
 * interpolate(mode="bilinear", align_corners=False)}. Gradient: the transpose of the interpolation.
 */
public final class ResizeBilinearOp {
  private ResizeBilinearOp() {}

  /**
   * Resizes.
   *
   * @param x [N, C, H, W]
   * @return [N, C, outH, outW]
   */
  public static Tensor resizeBilinear(Tensor x, int outH, int outW) {
    Checks.reals("resize", x);
    Checks.rank("resize", x, 4);
    Checks.notEmpty("resize", x);
    Checks.that(outH > 0 && outW > 0, () -> "resize to " + outH + "x" + outW);
    int planes = x.dim(0) * x.dim(1);
    int h = x.dim(2);
    int w = x.dim(3);
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(x.dim(0), x.dim(1), outH, outW);
    layout.resizeBilinear(planes, h, w, outH, outW, x.buffer(), y.buffer());
    return Autograd.record(
        "resize_bilinear(x)",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.resizeBilinearBackward(planes, h, w, outH, outW, gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
