package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.Reducer;

/** Running sums and products along a dimension. */
public final class ScanOp {
  private ScanOp() {}

  /** {@code y_i = x_0 + ... + x_i}. Gradient: the same from the end. */
  public static Tensor cumsum(Tensor x, int axis) {
    int d = FoldOp.axis("cumsum", x.shape(), axis);
    Tensor y = scanned(Reducer.SUM, x, d);
    Tracer.current().operation("cumsum", y, new Tensor[] {x}, d);
    return Autograd.record("cumsum(x)", y, x, gy -> fromEnd(gy, d));
  }

  /**
   * {@code y_i = x_0 ... x_i}. Gradient: where no zero comes before, {@code sum_{i >= k} gy_i y_i /
   * x_k}; of the first zero, the same with a 1 in its place; 0 behind it.
   */
  public static Tensor cumprod(Tensor x, int axis) {
    int d = FoldOp.axis("cumprod", x.shape(), axis);
    Tensor y = scanned(Reducer.PRODUCT, x, d);
    Tracer.current().operation("cumprod", y, new Tensor[] {x}, d);
    return Autograd.record(
        "cumprod(x)",
        y,
        x,
        new Tensor[] {x, y},
        gy -> {
          try (Scope scope = Scope.open()) {
            Tensor gx = fromEnd(gy.mul(y), d).div(x);
            Tensor isZero = x.eq(0);
            Tensor zeros = cumsum(isZero, d);
            Tensor first = isZero.logicalAnd(zeros.eq(1));
            Tensor others = scanned(Reducer.PRODUCT, x.maskedFill(first, 1), d);
            Tensor atFirst = fromEnd(gy.mul(others), d);
            Tensor ofFirst = atFirst.maskedFill(first.logicalNot(), 0);
            return scope.keep(Tensor.where(zeros.eq(0), gx, ofFirst));
          }
        });
  }

  private static Tensor fromEnd(Tensor gy, int d) {
    Tensor gx = Checks.like(gy);
    try (Tensor from = ViewOp.flip(gy, d);
        Tensor to = ViewOp.flip(gx, d)) {
      gy.device().kernels().indexing().scan(Reducer.SUM, from.asView(), d, to.asView());
    }
    return gx;
  }

  private static Tensor scanned(Reducer reducer, Tensor x, int d) {
    Tensor y =
        x.device().uninitialized(x.type().isReal() ? x.type() : x.device().indexType(), x.shape());
    x.device().kernels().indexing().scan(reducer, x.asView(), d, y.asView());
    return y;
  }
}
