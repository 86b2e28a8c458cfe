package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/** Concatenation along one dimension. Gradient: the matching block of gy. */
public final class CatOp {
  private CatOp() {}

  /**
   * Concatenates two tensors.
   *
   * @param a any shape
   * @param b the shape of a except along dim
   * @param dim the dimension that grows
   */
  public static Tensor cat(Tensor a, Tensor b, int dim) {
    Checks.reals("cat", a, b);
    int[] dims = a.shape().dims();
    int d = dim < 0 ? dim + dims.length : dim;
    int[] other = b.shape().dims();
    boolean fits = other.length == dims.length && d >= 0 && d < dims.length;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = i == d || dims[i] == other[i];
    }
    Checks.that(fits, () -> "cat along " + dim + ": " + a.shape() + " and " + b.shape());
    int[] split = Checks.split(a.shape(), d);
    int rows = split[0];
    int colsA = split[1] * split[2];
    int colsB = other[d] * split[2];
    dims[d] += other[d];
    var layout = a.device().kernels().layout();
    Tensor y = a.device().uninitialized(dims);
    int cols = colsA + colsB;
    layout.copyColumns(rows, colsA, a.buffer(), colsA, 0, y.buffer(), cols, 0);
    layout.copyColumns(rows, colsB, b.buffer(), colsB, 0, y.buffer(), cols, colsA);
    Tracer.current().cat(a, b, dim, y);
    return Autograd.record(
        "cat(a, b)",
        y,
        new Tensor[] {a, b},
        new Tensor[0],
        gy -> {
          Tensor ga = null;
          Tensor gb = null;
          if (a.requiresGrad()) {
            ga = Checks.like(a);
            layout.copyColumns(rows, colsA, gy.buffer(), cols, 0, ga.buffer(), colsA, 0);
          }
          if (b.requiresGrad()) {
            gb = Checks.like(b);
            layout.copyColumns(rows, colsB, gy.buffer(), cols, colsA, gb.buffer(), colsB, 0);
          }
          return new Tensor[] {ga, gb};
        });
  }
}
