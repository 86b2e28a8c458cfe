package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/** Rectified linear unit {@code y = max(x, 0)}. Gradient: {@code gx = gy} where y > 0, else 0. */
public final class ReluOp {
  private ReluOp() {}

  /** Applies it to every element of a tensor of any shape. */
  public static Tensor relu(Tensor x) {
    Checks.reals("relu", x);
    var elementwise = x.device().kernels().elementwise();
    Tensor y = Checks.like(x);
    elementwise.relu(x.buffer(), y.buffer());
    return Autograd.record(
        "relu(x)",
        y,
        new Tensor[] {x},
        new Tensor[] {y},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          elementwise.reluBackward(y.buffer(), gy.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
