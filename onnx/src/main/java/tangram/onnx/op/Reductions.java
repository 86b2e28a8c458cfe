package tangram.onnx.op;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Folds and running sums along dimensions. */
final class Reductions {
  private Reductions() {}

  /** A fold along dimensions, which it keeps. */
  interface Fold {
    Tensor of(Tensor x, int[] axes);
  }

  static void register(Operators table) {
    fold(table, "ReduceSum", true, (x, a) -> x.sum(a, true));
    fold(table, "ReduceProd", true, (x, a) -> x.prod(a, true));
    fold(table, "ReduceMean", false, (x, a) -> x.mean(a, true));
    fold(table, "ReduceL1", true, (x, a) -> x.abs().sum(a, true));
    fold(table, "ReduceL2", false, (x, a) -> x.square().sum(a, true).sqrt());
    fold(table, "ReduceSumSquare", true, (x, a) -> x.square().sum(a, true));
    fold(table, "ReduceLogSum", false, (x, a) -> x.sum(a, true).log());
    fold(table, "ReduceLogSumExp", false, (x, a) -> x.logsumexp(a, true));
    table.one("ReduceMax", c -> extreme(c, true));
    table.one("ReduceMin", c -> extreme(c, false));
    table.one("ArgMax", c -> place(c, true));
    table.one("ArgMin", c -> place(c, false));
    table.one("CumSum", c -> running(c, Tensor::cumsum, 0));
    table.one("CumProd", c -> running(c, Tensor::cumprod, 1));
    table.one("Det", Reductions::determinant);
  }

  /** The dimensions to fold; null where nothing is to be done. */
  private static int[] axes(Call c) {
    int rank = c.rank(0);
    long[] axes = c.has(1) ? c.longs(1) : c.attrLongs("axes");
    if (axes == null || axes.length == 0) {
      return c.flag("noop_with_empty_axes") ? null : IntStream.range(0, rank).toArray();
    }
    return c.axes(axes, rank);
  }

  private static Tensor kept(Call c, Tensor folded, int[] axes) {
    if (c.attr("keepdims", 1) != 0) {
      return folded;
    }
    int[] dims =
        IntStream.range(0, folded.shape().rank())
            .filter(d -> Arrays.stream(axes).noneMatch(a -> a == d))
            .map(folded::dim)
            .toArray();
    return folded.reshape(dims);
  }

  /** A fold that a tensor of no dimensions goes through as one of one element. */
  private static Tensor apply(Tensor x, int[] axes, Fold f) {
    if (x.shape().rank() == 0) {
      return f.of(x.reshape(1), new int[] {0}).reshape();
    }
    // No axes mean all of them to tensors, and none to ONNX.
    return axes.length == 0
        ? f.of(x.unsqueeze(0), new int[] {0}).reshape(x.shape().dims())
        : f.of(x, axes);
  }

  private static void fold(Operators table, String name, boolean whole, Fold f) {
    table.one(
        name,
        c -> {
          int[] axes = axes(c);
          int[] folded = axes == null ? new int[0] : axes;
          if (axes == null && name.matches("Reduce(Sum|Prod|Mean|Max|Min)")) {
            return c.in(0);
          }
          if (c.type(0).isReal()) {
            return c.like(0, kept(c, apply(c.real(0), folded, f), folded));
          }
          if (!c.type(0).isInteger()) {
            throw c.refuse("elements of type " + c.type(0) + " cannot be added");
          }
          if (whole) {
            return c.wrapped(c.type(0), kept(c, apply(c.t(0), folded, f), folded));
          }
          double[] values = c.in(0).doubles();
          Tensor x = OnnxTensor.of(c.host(), ElementType.DOUBLE, values, c.in(0).dims()).tensor();
          Tensor y = kept(c, apply(x, folded, f), folded);
          return Casting.ofDoubles(c, c.type(0), y.toDoubles(), y.shape().dims());
        });
  }

  private static OnnxTensor extreme(Call c, boolean largest) {
    int[] axes = axes(c);
    if (axes == null) {
      return c.in(0);
    }
    ElementType type = c.type(0);
    Tensor x = type == ElementType.BOOL ? c.t(0).to(DType.I32) : c.ordered(0);
    int[] dims = x.shape().dims();
    boolean empty = Arrays.stream(axes).anyMatch(axis -> dims[axis] == 0) || x.size() == 0;
    Fold f = largest ? (t, a) -> t.max(a, true) : (t, a) -> t.min(a, true);
    return c.unordered(0, kept(c, empty ? none(x, axes, type, largest) : apply(x, axes, f), axes));
  }

  /** The extreme of no elements. */
  private static Tensor none(Tensor x, int[] axes, ElementType type, boolean largest) {
    int[] dims = x.shape().dims();
    for (int axis : axes) {
      dims[axis] = 1;
    }
    double value;
    if (type.isReal()) {
      value = largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    } else if (type == ElementType.BOOL) {
      value = largest ? 0 : 1;
    } else if (type.bits() == 64) {
      // The largest is no double; one less than the smallest is it.
      Tensor least = x.device().full(Long.MIN_VALUE, x.type(), Shape.of(dims));
      return largest ? least : least.sub(1);
    } else {
      value = largest ? type.least() : type.most();
    }
    return x.device().full(value, x.type(), Shape.of(dims));
  }

  private static OnnxTensor place(Call c, boolean largest) {
    Tensor x = c.ordered(0);
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    boolean keep = c.attr("keepdims", 1) != 0;
    boolean last = c.flag("select_last_index");
    Tensor y = last ? x.flip(axis) : x;
    Tensor place = largest ? y.argmax(axis, keep) : y.argmin(axis, keep);
    return Indexing.integers(c, last ? place.rsub(x.dim(axis) - 1) : place);
  }

  private static OnnxTensor running(Call c, BiFunction<Tensor, Integer, Tensor> f, double empty) {
    Tensor x = c.type(0).isReal() ? c.real(0) : c.t(0);
    int axis = c.axis((long) c.number(1), x.shape().rank());
    boolean reverse = c.flag("reverse");
    x = reverse ? x.flip(axis) : x;
    if (c.flag("exclusive") && x.dim(axis) > 0) {
      int[] dims = x.shape().dims();
      dims[axis] = 1;
      Tensor first = x.device().full(empty, x.type(), Shape.of(dims));
      x = Tensor.cat(axis, first, x.narrow(axis, 0, x.dim(axis) - 1));
    }
    Tensor y = f.apply(x, axis);
    y = reverse ? y.flip(axis) : y;
    return c.type(0).isReal() ? c.like(0, y) : c.wrapped(c.type(0), y);
  }

  /** Of matrices [..., n, n], by elimination on the host; without gradient. */
  private static OnnxTensor determinant(Call c) {
    if (c.real(0).requiresGrad()) {
      throw c.refuse("a determinant has no gradient here");
    }
    int[] dims = c.in(0).dims();
    int n = dims[dims.length - 1];
    if (dims.length < 2 || dims[dims.length - 2] != n) {
      throw new IllegalArgumentException("matrices are not square: " + Arrays.toString(dims));
    }
    double[] a = c.in(0).doubles();
    int[] result = Arrays.copyOf(dims, dims.length - 2);
    double[] values = new double[Moves.size(result, 0, result.length)];
    Arrays.setAll(values, i -> determinant(Arrays.copyOfRange(a, i * n * n, (i + 1) * n * n), n));
    return c.result(c.type(0), values, result);
  }

  private static double determinant(double[] a, int n) {
    double product = 1;
    for (int k = 0; k < n; k++) {
      int pivot = k;
      for (int i = k + 1; i < n; i++) {
        pivot = Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k]) ? i : pivot;
      }
      if (a[pivot * n + k] == 0) {
        return 0;
      }
      for (int j = 0; pivot != k && j < n; j++) {
        double held = a[k * n + j];
        a[k * n + j] = a[pivot * n + j];
        a[pivot * n + j] = held;
      }
      product *= pivot == k ? a[k * n + k] : -a[k * n + k];
      for (int i = k + 1; i < n; i++) {
        double factor = a[i * n + k] / a[k * n + k];
        for (int j = k; j < n; j++) {
          a[i * n + j] -= factor * a[k * n + j];
        }
      }
    }
    return product;
  }
}
