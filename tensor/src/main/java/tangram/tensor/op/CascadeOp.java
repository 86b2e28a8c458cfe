package tangram.tensor.op;

import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.kernel.Cascade;

/** Runs cascades: gives room to the row values that nobody wants when all is done. */
final class CascadeOp {
  private CascadeOp() {}

  /**
   * Runs a cascade.
   *
   * @param rowDims the inputs' dimensions with 1 where they are folded
   * @param rows where kept row values go, in order; may be views of inputs
   */
  static void run(
      Cascade cascade,
      double[] parameters,
      Device device,
      DType type,
      int[] rowDims,
      View[] inputs,
      View[] outputs,
      View... rows) {
    int size = 1;
    for (int d : rowDims) {
      size *= d;
    }
    int others = cascade.rows() - rows.length;
    try (Tensor room = device.uninitialized(type, Shape.of(others, size))) {
      View[] all = new View[cascade.rows()];
      int kept = 0;
      int at = room.buffer().offset();
      int[] strides = View.rowMajor(rowDims);
      for (int k = 0; k < all.length; k++) {
        if (cascade.keeps(k)) {
          all[k] = rows[kept++];
        } else {
          all[k] = new View(type, room.buffer(), at, rowDims, strides);
          at += size;
        }
      }
      device.kernels().maps().cascade(cascade, parameters, inputs, outputs, all);
    }
  }

  /** A tensor for a row value. */
  static Tensor row(Tensor x, int[] rowDims) {
    return x.device().uninitialized(x.type(), Shape.of(rowDims));
  }

  /** All elements of a tensor in row-major order, as an array of other dimensions; null of null. */
  static View view(Tensor t, int... dims) {
    return t == null ? null : View.dense(t.type(), t.buffer(), dims);
  }

  /** As {@link #view}, repeated along dimensions of one element. */
  static View repeated(Tensor t, int[] dims, int[] to) {
    return t == null ? null : view(t, dims).expand(to);
  }
}
