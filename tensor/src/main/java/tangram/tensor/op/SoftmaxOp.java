package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;

/** Softmax and its logarithm along one dimension. */
public final class SoftmaxOp {
  private static final double[] NONE = {};

  /** {@code y = exp(x - max) / sum exp(x - max)}; operands x; y; max, sum, 1 / sum. */
  private static final Cascade SOFTMAX =
      new Cascade("softmax", 1, 1, 3, 0)
          .fold(0, Reducer.MAX, (x, p) -> x[0])
          .map(0, (x, p) -> x[0].sub(x[2]).exp())
          .fold(1, Reducer.SUM, (x, p) -> x[1])
          .row(2, (x, p) -> x[3].reciprocal())
          .map(0, (x, p) -> x[1].mul(x[4]));

  /** {@code gx = y (gy - sum y gy)}; operands y, gy; gx; sum. */
  private static final Cascade SOFTMAX_BACKWARD =
      new Cascade("softmax_backward", 2, 1, 1, 0)
          .fold(0, Reducer.SUM, (x, p) -> x[0].mul(x[1]))
          .map(0, (x, p) -> x[0].mul(x[1].sub(x[3])));

  /** {@code y = x - max - log(sum exp(x - max))}; operands x; y; max, sum, log. */
  private static final Cascade LOG_SOFTMAX =
      new Cascade("log_softmax", 1, 1, 3, 0)
          .fold(0, Reducer.MAX, (x, p) -> x[0])
          .fold(1, Reducer.SUM, (x, p) -> x[0].sub(x[2]).exp())
          .row(2, (x, p) -> x[3].log())
          .map(0, (x, p) -> x[0].sub(x[2]).sub(x[4]));

  /** {@code gx = gy - exp(y) sum gy}; operands as of {@link #SOFTMAX_BACKWARD}. */
  private static final Cascade LOG_SOFTMAX_BACKWARD =
      new Cascade("log_softmax_backward", 2, 1, 1, 0)
          .fold(0, Reducer.SUM, (x, p) -> x[1])
          .map(0, (x, p) -> x[1].sub(x[0].exp().mul(x[3])));

  private SoftmaxOp() {}

  /**
   * Softmax, {@code y_k = exp(x_k) / sum_j exp(x_j)}.
   *
   * @param x real numbers of any shape
   * @param axis the dimension that sums to one; negative counts from the end
   */
  public static Tensor softmax(Tensor x, int axis) {
    return apply("softmax", SOFTMAX, SOFTMAX_BACKWARD, x, axis);
  }

  /** The logarithm of {@link #softmax}, exact where that is nearly 0. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    return apply("log_softmax", LOG_SOFTMAX, LOG_SOFTMAX_BACKWARD, x, axis);
  }

  private static Tensor apply(String name, Cascade forward, Cascade backward, Tensor x, int axis) {
    Checks.alike(name, x);
    int[] rows = rowDims(name, x, axis);
    Tensor y = Checks.like(x);
    run(forward, x, rows, new View[] {x.asView()}, y);
    Tracer.current().operation(name, y, new Tensor[] {x}, axis);
    return Autograd.record(
        name + "(x)",
        y,
        x,
        new Tensor[] {y},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          run(backward, x, rows, new View[] {y.asView(), gy.asView()}, gx);
          return gx;
        });
  }

  private static void run(Cascade cascade, Tensor x, int[] rows, View[] inputs, Tensor y) {
    View[] outputs = {y.asView()};
    CascadeOp.run(cascade, NONE, x.device(), x.type(), rows, inputs, outputs);
  }

  /** The dimensions of a tensor with 1 for one of them, which a scalar may name too. */
  static int[] rowDims(String name, Tensor x, int axis) {
    int[] rows = x.shape().dims().clone();
    if (rows.length > 0) {
      rows[FoldOp.axis(name, x.shape(), axis)] = 1;
    } else {
      Checks.that(axis == 0 || axis == -1, () -> name + ": no dimension " + axis + " in []");
    }
    return rows;
  }
}
