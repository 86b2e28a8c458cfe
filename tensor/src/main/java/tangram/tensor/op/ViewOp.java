package tangram.tensor.op;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;

/**
 * Other views of the same memory: nothing is copied. The gradient of a view goes to the elements it
 * shows, and is 0 elsewhere.
 */
public final class ViewOp {
  private static final double[] NONE = {};

  private ViewOp() {}

  /** A tensor of the memory of another, outside the graph. */
  static Tensor view(Tensor x, View view) {
    return x.withView(view);
  }

  /** Permutes dimensions: dimension d of the result is dimension order[d] of x. */
  public static Tensor permute(Tensor x, int... order) {
    int rank = x.shape().rank();
    Checks.that(
        order.length == rank,
        () ->
            "permute: " + Arrays.toString(order) + " for " + x.shape() + " names too few or many");
    int[] inverse = new int[rank];
    Arrays.fill(inverse, -1);
    for (int d = 0; d < rank; d++) {
      int from = FoldOp.axis("permute", x.shape(), order[d]);
      Checks.that(
          inverse[from] < 0, () -> "permute: " + Arrays.toString(order) + " names one twice");
      inverse[from] = d;
    }
    int[] from = new int[rank];
    for (int d = 0; d < rank; d++) {
      from[inverse[d]] = d;
    }
    return traced(
        "permute",
        movedOneToOne("permute", x, x.asView().permute(from), gy -> permute(gy, inverse)),
        x,
        from);
  }

  /** The matrices of the last two dimensions transposed, outside the graph. */
  static Tensor transposed(Tensor x) {
    int rank = x.shape().rank();
    int[] order = new int[rank];
    Arrays.setAll(order, d -> d < rank - 2 ? d : 2 * rank - 3 - d);
    return x.withView(x.asView().permute(order));
  }

  /** Reverses some dimensions. */
  public static Tensor flip(Tensor x, int... axes) {
    View v = x.asView();
    int[] strides = v.strides().clone();
    int offset = v.offset();
    boolean[] reversed = FoldOp.folded("flip", x.shape(), axes);
    for (int d = 0; d < strides.length && axes.length > 0; d++) {
      if (reversed[d] && v.dims()[d] > 0) {
        offset += (v.dims()[d] - 1) * strides[d];
        strides[d] = -strides[d];
      }
    }
    int[] turned = IntStream.range(0, strides.length).filter(d -> reversed[d]).toArray();
    Tensor y = movedOneToOne("flip", x, v.with(offset, v.dims(), strides), gy -> flip(gy, axes));
    return traced("flip", y, x, turned);
  }

  /** Repeats elements along dimensions of size 1 and along new ones in front. */
  public static Tensor expand(Tensor x, int... dims) {
    int added = dims.length - x.shape().rank();
    int[] to = dims.clone();
    for (int d = 0; d < to.length; d++) {
      if (to[d] == -1) {
        int position = d;
        Checks.that(d >= added, () -> "expand: no size for the new dimension " + position);
        to[d] = x.dim(d - added);
      }
    }
    Tensor y = traced("expand", x.withView(x.asView().expand(to)), x, to);
    return Autograd.record(
        "expand(x)",
        y,
        x,
        gy -> MapOp.sumTo(x, Formula.IDENTITY, NONE, new View[] {gy.asView()}, gy.shape()));
  }

  /**
   * The elements from start to end (exclusive) in steps, along one dimension. Negative numbers
   * count from the end, and what lies beyond the ends is left out, as in Python.
   */
  public static Tensor slice(Tensor x, int axis, int start, int end, int step) {
    int d = FoldOp.axis("slice", x.shape(), axis);
    Checks.that(step > 0, () -> "slice: steps are positive, not " + step + "; flip() reverses");
    int length = x.dim(d);
    int from = Math.max(0, Math.min(length, start < 0 ? start + length : start));
    int to = Math.max(from, Math.min(length, end < 0 ? end + length : end));
    int count = (to - from + step - 1) / step;
    return traced(
        "slice", part("slice", x, v -> v.slice(d, from, count, step)), x, d, from, to, step);
  }

  /** The elements at one place of a dimension, which disappears. */
  public static Tensor select(Tensor x, int axis, int index) {
    int d = FoldOp.axis("select", x.shape(), axis);
    int length = x.dim(d);
    Checks.that(
        index >= -length && index < length,
        () -> "select: no place " + index + " along dimension " + axis + " of " + x.shape());
    int at = index < 0 ? index + length : index;
    return traced("select", part("select", x, v -> v.select(d, at)), x, d, at);
  }

  /** The diagonal of two dimensions, which becomes the last one. */
  public static Tensor diagonal(Tensor x, int offset, int axis1, int axis2) {
    int a = FoldOp.axis("diagonal", x.shape(), axis1);
    int b = FoldOp.axis("diagonal", x.shape(), axis2);
    Checks.that(a != b, () -> "diagonal: one dimension twice, " + axis1 + " and " + axis2);
    int rows = x.dim(a) - Math.max(0, -offset);
    int cols = x.dim(b) - Math.max(0, offset);
    int count = Math.max(0, Math.min(rows, cols));
    Tensor y =
        part(
            "diagonal",
            x,
            v -> {
              int skip =
                  Math.max(0, -offset) * v.strides()[a] + Math.max(0, offset) * v.strides()[b];
              View rest = v.select(Math.max(a, b), 0).select(Math.min(a, b), 0);
              int rank = rest.dims().length;
              int[] dims = Arrays.copyOf(rest.dims(), rank + 1);
              int[] strides = Arrays.copyOf(rest.strides(), rank + 1);
              dims[rank] = count;
              strides[rank] = v.strides()[a] + v.strides()[b];
              return v.with(v.offset() + (count > 0 ? skip : 0), dims, strides);
            });
    return traced("diagonal", y, x, offset, a, b);
  }

  /** The same elements in another shape; copied where strides cannot tell it. */
  public static Tensor reshape(Tensor x, int... dims) {
    Shape shape = inferred(x.shape(), dims);
    View v = reshaped(x.asView(), shape.dims());
    if (v == null) {
      return copy(x).then(dense -> reshape(dense, dims));
    }
    Tensor y = movedOneToOne("reshape", x, v, gy -> reshape(gy, x.shape().dims()));
    return traced("reshape", y, x, shape.dims());
  }

  /** A shape of as many elements, one of whose sizes may be -1, to be found. */
  static Shape inferred(Shape shape, int... dims) {
    int[] to = dims.clone();
    int unknown = -1;
    long known = 1;
    for (int d = 0; d < to.length; d++) {
      if (to[d] == -1) {
        int first = unknown;
        Checks.that(first < 0, () -> "reshape: two sizes are -1 in " + Arrays.toString(dims));
        unknown = d;
      } else {
        known *= to[d];
      }
    }
    if (unknown >= 0) {
      long others = known;
      Checks.that(
          others > 0 && shape.size() % others == 0,
          () -> "reshape: " + shape + " does not divide into " + Arrays.toString(dims));
      to[unknown] = (int) (shape.size() / others);
      known = shape.size();
    }
    long count = known;
    Checks.that(
        count == shape.size(),
        () -> "reshape: " + shape + " has not as many elements as " + Arrays.toString(dims));
    return Shape.of(to);
  }

  /** A view of another shape, or null where strides cannot tell it. */
  private static View reshaped(View v, int[] dims) {
    if (v.isDense()) {
      return v.with(v.offset(), dims, View.rowMajor(dims));
    }
    // Groups of dimensions of both shapes with as many elements; within a group of the old one the
    // strides must be those of a dense array.
    int[] strides = new int[dims.length];
    int[] from = v.dims();
    int o = 0;
    int n = 0;
    while (n < dims.length) {
      if (dims[n] == 1) {
        strides[n++] = 0;
        continue;
      }
      while (o < from.length && from[o] == 1) {
        o++;
      }
      int oldEnd = o;
      int newEnd = n;
      long oldSize = from[oldEnd++];
      long newSize = dims[newEnd++];
      while (oldSize != newSize) {
        if (oldSize < newSize) {
          oldSize *= from[oldEnd++];
        } else {
          newSize *= dims[newEnd++];
        }
      }
      int last = -1;
      for (int d = o; d < oldEnd; d++) {
        if (from[d] != 1) {
          if (last >= 0 && v.strides()[last] != (long) v.strides()[d] * from[d]) {
            return null;
          }
          last = d;
        }
      }
      int step = last < 0 ? 0 : v.strides()[last];
      for (int d = newEnd - 1; d >= n; d--) {
        strides[d] = step;
        step *= dims[d];
      }
      o = oldEnd;
      n = newEnd;
    }
    return v.with(v.offset(), dims, strides);
  }

  /** The elements one after the other: the tensor itself if they are. */
  public static Tensor contiguous(Tensor x) {
    return x.asView().isDense() ? x : copy(x);
  }

  /** A copy, one element after the other. */
  public static Tensor copy(Tensor x) {
    Tensor y = Checks.like(x);
    MapOp.copy(x.device(), x.asView(), y.asView());
    return traced("copy", Autograd.record("clone(x)", y, x, gy -> gy), x);
  }

  private static Tensor traced(String name, Tensor y, Tensor x, int... numbers) {
    Tracer.current()
        .operation(name, y, new Tensor[] {x}, Arrays.stream(numbers).asDoubleStream().toArray());
    return y;
  }

  /** A view that shows every element once. */
  private static Tensor movedOneToOne(
      String name, Tensor x, View view, UnaryOperator<Tensor> back) {
    return Autograd.record(name + "(x)", x.withView(view), x, gy -> back.apply(gy));
  }

  /** Finds what a view shows. */
  private interface Part {
    View of(View whole);
  }

  /** A view that shows some elements. */
  private static Tensor part(String name, Tensor x, Part part) {
    View seen = part.of(x.asView());
    if (Arrays.equals(seen.dims(), x.shape().dims())) {
      // All of them: no zeros to copy the gradient into.
      return movedOneToOne(name, x, seen, gy -> gy);
    }
    return Autograd.record(
        name + "(x)",
        x.withView(seen),
        x,
        gy -> {
          Tensor gx = x.device().zeros(x.type(), x.shape());
          MapOp.copy(x.device(), gy.asView(), part.of(gx.asView()));
          return gx;
        });
  }
}
