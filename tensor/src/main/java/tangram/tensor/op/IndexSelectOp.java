package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
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
    Checks.sameDevice(x, index);
    Checks.that(index.type() == DType.INT, () -> "index_select: the index must be integers");
    int[] dims = x.shape().dims();
    int xRows = dims[0];
    int cols = x.size() / xRows;
    int rows = index.size();
    dims[0] = rows;
    var layout = x.device().kernels().layout();
    Tensor y = x.device().empty(dims);
    layout.gatherRows(rows, cols, x.buffer(), index.buffer(), y.buffer());
    return Autograd.record(
        "index_select",
        y,
        new Tensor[] {x},
        new Tensor[0],
        gy -> {
          Tensor gx = Checks.like(x);
          layout.gatherRowsBackward(rows, cols, xRows, gy.buffer(), index.buffer(), gx.buffer());
          return new Tensor[] {gx};
        });
  }
}
