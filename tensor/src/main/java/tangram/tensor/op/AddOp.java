package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Sum {@code y = a + b}; the shape of b may be a suffix of that of a, which repeats b along a's
 * leading dimensions.
 *
 * <p>Gradients: {@code ga = gy}; {@code gb = gy}, summed over the dimensions along which b repeats.
 */
public final class AddOp {
  private AddOp() {}

  /**
   * Adds two tensors.
   *
   * @param a any shape
   * @param b the shape of a, or its last dimensions
   */
  public static Tensor add(Tensor a, Tensor b) {
    Checks.reals("add", a, b);
    boolean repeats = !a.shape().equals(b.shape());
    if (repeats) {
      Checks.suffix("add", a.shape(), b.shape());
    }
    int cols = b.size();
    int rows = repeats ? a.size() / cols : 1;
    var kernels = a.device().kernels();
    Tensor y = Checks.like(a);
    if (repeats) {
      kernels.elementwise().broadcastRows(rows, cols, b.buffer(), y.buffer());
      kernels.elementwise().add(a.buffer(), y.buffer(), y.buffer());
    } else {
      kernels.elementwise().add(a.buffer(), b.buffer(), y.buffer());
    }
    return Autograd.record(
        "add(a, b)",
        y,
        new Tensor[] {a, b},
        new Tensor[0],
        gy -> {
          Tensor gb = null;
          if (b.requiresGrad()) {
            gb = gy;
            if (repeats) {
              gb = Checks.like(b);
              kernels.reduction().sumRows(rows, cols, gy.buffer(), gb.buffer());
            }
          }
          return new Tensor[] {a.requiresGrad() ? gy : null, gb};
        });
  }
}
