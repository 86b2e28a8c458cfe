package tangram.tensor.op;

import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/** Orders of elements along a dimension. */
public final class SortOp {
  private SortOp() {}

  /**
   * The places of the elements along a dimension, in order. Equal elements stay in their order; NaN
   * is larger than every number.
   */
  public static Tensor argsort(Tensor x, int axis, boolean descending) {
    int d = FoldOp.axis("sort", x.shape(), axis);
    Device device = x.device();
    Tensor places = device.uninitialized(device.indexType(), x.shape());
    device.kernels().indexing().sort(x.asView(), d, descending, places.asView());
    Tracer.current().operation("argsort", places, new Tensor[] {x}, d, descending ? 1 : 0);
    return places;
  }

  /** Elements at places that were found, and the places. */
  public static Tensor.Ordered at(Tensor x, int axis, Tensor places) {
    return new Tensor.Ordered(IndexOp.gather(x, axis, places), places);
  }

  /** The element of a rank, from 0, of each line in ascending order. */
  public static Tensor.Ordered one(String name, Tensor x, int axis, int rank) {
    int n = x.dim(FoldOp.axis(name, x.shape(), axis));
    Checks.that(
        rank >= 0 && rank < n,
        () -> name + ": no number " + (rank + 1) + " of " + n + " elements, in " + x.shape());
    return squeezed(x, axis, narrowed(argsort(x, axis, false), axis, rank));
  }

  /** The middle element of each line, the lower of two; NaN if one is. */
  public static Tensor.Ordered median(Tensor x, int axis) {
    int n = x.dim(FoldOp.axis("median", x.shape(), axis));
    Checks.that(n > 0, () -> "median of no elements, in " + x.shape());
    Tensor places = argsort(x, axis, false);
    Tensor last = narrowed(places, axis, n - 1);
    Tensor isNaN = IndexOp.gather(x.detach(), axis, last).isNaN();
    return squeezed(x, axis, Tensor.where(isNaN, last, narrowed(places, axis, (n - 1) / 2)));
  }

  private static Tensor narrowed(Tensor places, int axis, int at) {
    return ViewOp.slice(places, axis, at, at + 1, 1);
  }

  private static Tensor.Ordered squeezed(Tensor x, int axis, Tensor places) {
    return new Tensor.Ordered(IndexOp.gather(x, axis, places).squeeze(axis), places.squeeze(axis));
  }
}
