package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * Selects entries along the first dimension, {@code y[i] = x[index[i]]}. Gradient: rows of gy are
 * added up at their index.
 */
public final class IndexSelectOp {
  private IndexSelectOp() {}

  /**
   * Selects.
   *
   * @param x [M, ...]
   * @param index integers [I], each in 0..M-1
   * @return [I, ...]
   */
  public static Tensor indexSelect(Tensor x, Tensor index) {
    Checks.reals("index_select", x);
    Checks.integers("index_select (index)", x, index);
    Checks.that(
        x.shape().rank() > 0, () -> "index_select needs a first dimension, not " + x.shape());
    Checks.notEmpty("index_select", x);
    int[] dims = x.shape().dims();
    int xRows = dims[0];
    int cols = x.size() / xRows;
    int rows = index.size();
    dims[0] = rows;
    var layout = x.device().kernels().layout();
    Tensor y = x.device().uninitialized(dims);
    layout.gatherRows(rows, cols, x.buffer(), index.buffer(), y.buffer());
    return Autograd.record(
        "index_select(x, index)",
        y,
        new Tensor[] {x},
        new Tensor[] {index},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.gatherRowsBackward(rows, cols, xRows, gy.buffer(), index.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
