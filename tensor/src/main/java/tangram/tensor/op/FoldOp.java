package tangram.tensor.op;

import java.util.Arrays;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * Formulas folded along some dimensions in one pass. Without any dimension named, all are folded.
 */
public final class FoldOp {
  private static final double[] NONE = {};

  private static final Formula IS_EXTREME = Formula.of((x, y) -> x.eq(y));

  /**
   * The gradient of an extreme is shared by the elements that have it: x, y, their number, gy. As
   * in PyTorch it is NaN where the extreme is.
   */
  private static final Formula SHARE = Formula.of(4, x -> x[3].mul(x[0].eq(x[1])).div(x[2]));

  private static final Formula IS_ZERO = Formula.of(x -> x.eq(0));
  private static final Formula IS_NOT_ZERO = Formula.of(x -> x.ne(Expr.of(0)));
  private static final Formula NOT_ZERO_OR_ONE =
      Formula.of(x -> Expr.where(x.eq(0), Expr.of(1), x));

  /** The gradient of a product: x, the product of what is not 0, the number of zeros, gy. */
  private static final Formula PRODUCT_GRADIENT =
      Formula.of(
          4,
          x ->
              x[3].mul(
                  Expr.where(
                      x[0].eq(0),
                      Expr.where(x[2].eq(1), x[1], x[1].mul(0)),
                      Expr.where(x[2].eq(0), x[1].div(x[0]), x[1].mul(0)))));

  /** The place of the extreme, a number beyond all places elsewhere: x, y, place; p0: beyond. */
  private static final Formula PLACE =
      Formula.of(
          3,
          1,
          (x, p) ->
              Expr.where(Expr.where(x[0].ne(x[0]), x[1].ne(x[1]), x[0].eq(x[1])), x[2], p[0]));

  private FoldOp() {}

  /**
   * Sums a formula, {@code y = sum f(a, b, ...)}. Integers are summed as {@code I64}.
   *
   * @param axes dimensions to fold, negative ones from the end; none folds all
   * @param keepDim whether folded dimensions stay, with one element
   */
  public static Tensor sum(
      String name, Formula formula, double[] parameters, int[] axes, boolean keepDim, Tensor... x) {
    DType met = MapOp.meet(name, x);
    DType type = met.isReal() ? met : x[0].device().indexType();
    Shape shape = MapOp.broadcast(name, x);
    boolean[] folded = folded(name, shape, axes);
    Tensor y = x[0].device().uninitialized(type, shape(shape, folded, keepDim));
    View[] views = MapOp.views(formula, shape, x);
    maps(y).reduce(Reducer.SUM, formula, parameters, views, opened(y, shape, folded));
    Tracer.current().fold(Reducer.SUM, formula, parameters, folded, x, y);
    return Autograd.record(
        MapOp.signature(name, x.length),
        y,
        x,
        MapOp.saved(formula::derivativeByArrays, x, y),
        gy -> {
          Tensor[] gradients = new Tensor[x.length];
          try (Tensor whole = ViewOp.view(gy, opened(gy, shape, folded).expand(shape.dims()))) {
            for (int i = 0; i < x.length; i++) {
              if (x[i].requiresGrad()) {
                gradients[i] =
                    MapOp.gradient(
                        formula.derivativeByArrays(i), parameters, i, x, null, whole, null);
              }
            }
          }
          return gradients;
        });
  }

  /** For operations: sums the elements of x along the dimensions in which y has one. */
  static void sum(Kernels kernels, View x, View y) {
    kernels.maps().reduce(Reducer.SUM, Formula.IDENTITY, NONE, new View[] {x}, y);
  }

  /** Sums a tensor; see {@link #sum}. */
  public static Tensor sum(Tensor x, int[] axes, boolean keepDim) {
    return sum("sum", Formula.IDENTITY, NONE, axes, keepDim, x);
  }

  /** Multiplies the elements. The gradient is right with zeros among them. */
  public static Tensor prod(Tensor x, int[] axes, boolean keepDim) {
    DType type = x.type().isReal() ? x.type() : x.device().indexType();
    boolean[] folded = folded("prod", x.shape(), axes);
    Tensor y = fold(Reducer.PRODUCT, Formula.IDENTITY, type, folded, keepDim, x);
    return Autograd.record(
        "prod(x)",
        y,
        x,
        new Tensor[] {x},
        gy -> {
          Tensor gx = Checks.like(x);
          try (Tensor others = fold(Reducer.PRODUCT, NOT_ZERO_OR_ONE, type, folded, true, x);
              Tensor zeros = fold(Reducer.SUM, IS_ZERO, type, folded, true, x)) {
            View[] views = {
              x.asView(),
              others.asView().expand(x.shape().dims()),
              zeros.asView().expand(x.shape().dims()),
              opened(gy, x.shape(), folded).expand(x.shape().dims())
            };
            maps(x).map(PRODUCT_GRADIENT, NONE, views, gx.asView());
          }
          return gx;
        });
  }

  /**
   * The largest elements, or the smallest. As with PyTorch's {@code amax}, elements that are
   * equally large share the gradient.
   *
   * @throws IllegalArgumentException if there is no element to choose from
   */
  public static Tensor extreme(Tensor x, boolean largest, int[] axes, boolean keepDim) {
    String name = largest ? "max" : "min";
    boolean[] folded = folded(name, x.shape(), axes);
    notEmpty(name, x, folded);
    Reducer reducer = largest ? Reducer.MAX : Reducer.MIN;
    Tensor y = fold(reducer, Formula.IDENTITY, x.type(), folded, keepDim, x);
    return Autograd.record(
        name + "(x)",
        y,
        x,
        new Tensor[] {x, y},
        gy -> {
          Tensor gx = Checks.like(x);
          int[] dims = x.shape().dims();
          View extreme = opened(y, x.shape(), folded).expand(dims);
          Tensor count = x.device().uninitialized(x.type(), shape(x.shape(), folded, true));
          try (count) {
            maps(x)
                .reduce(
                    Reducer.SUM,
                    IS_EXTREME,
                    NONE,
                    new View[] {x.asView(), extreme},
                    count.asView());
            View[] views = {
              x.asView(),
              extreme,
              count.asView().expand(dims),
              opened(gy, x.shape(), folded).expand(dims)
            };
            maps(x).map(SHARE, NONE, views, gx.asView());
          }
          return gx;
        });
  }

  /**
   * Where the largest or smallest element is, the first if several; NaN counts as the extreme.
   *
   * @param axis the dimension to search along; its places are counted from 0
   */
  public static Tensor argExtreme(Tensor x, boolean largest, int axis, boolean keepDim) {
    String name = largest ? "argmax" : "argmin";
    boolean[] folded = folded(name, x.shape(), axis);
    notEmpty(name, x, folded);
    int length = x.dim(axis);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Reducer reducer = largest ? Reducer.MAX : Reducer.MIN;
      int[] dims = x.shape().dims();
      int[] along = new int[dims.length];
      Arrays.fill(along, 1);
      along[axis(name, x.shape(), axis)] = length;
      // In single precision places beyond 2^24 would not be whole.
      DType placeType = length > 1 << 24 && x.type() == DType.F32 ? DType.F64 : DType.I32;
      Tensor y =
          x.device().uninitialized(x.device().indexType(), shape(x.shape(), folded, keepDim));
      try (Tensor extreme = fold(reducer, Formula.IDENTITY, x.type(), folded, true, x);
          Tensor places = x.device().arange(length, placeType)) {
        View[] views = {
          x.asView(),
          extreme.asView().expand(dims),
          View.dense(placeType, places.buffer(), along).expand(dims)
        };
        maps(x)
            .reduce(Reducer.MIN, PLACE, new double[] {length}, views, opened(y, x.shape(), folded));
      }
      Tracer.current().operation(name, y, of(x), axis(name, x.shape(), axis), keepDim ? 1 : 0);
      return y;
    }
  }

  /**
   * The largest elements, with all dimensions and without gradient; 0 where they are not finite.
   */
  public static Tensor shift(Formula finiteOrZero, Tensor x, int[] axes) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor largest =
            fold(
                Reducer.MAX, Formula.IDENTITY, x.type(), folded("max", x.shape(), axes), true, x)) {
      return MapOp.map("shift", finiteOrZero, largest);
    }
  }

  /** Whether some or all elements are not 0. */
  public static Tensor test(Tensor x, boolean all, int[] axes, boolean keepDim) {
    boolean[] folded = folded(all ? "all" : "any", x.shape(), axes);
    Tensor y = x.device().uninitialized(DType.BOOL, shape(x.shape(), folded, keepDim));
    View to = opened(y, x.shape(), folded);
    if (x.size() == 0) {
      maps(x).map(Formula.CONSTANT, new double[] {all ? 1 : 0}, new View[0], y.asView());
      return y;
    }
    Reducer reducer = all ? Reducer.MIN : Reducer.MAX;
    maps(x).reduce(reducer, IS_NOT_ZERO, NONE, new View[] {x.asView()}, to);
    Tracer.current().fold(reducer, IS_NOT_ZERO, NONE, folded, new Tensor[] {x}, y);
    return y;
  }

  private static Tensor fold(
      Reducer reducer, Formula formula, DType type, boolean[] folded, boolean keepDim, Tensor x) {
    Tensor y = x.device().uninitialized(type, shape(x.shape(), folded, keepDim));
    maps(y).reduce(reducer, formula, NONE, new View[] {x.asView()}, opened(y, x.shape(), folded));
    Tracer.current().fold(reducer, formula, NONE, folded, new Tensor[] {x}, y);
    return y;
  }

  private static Tensor[] of(Tensor x) {
    return new Tensor[] {x};
  }

  private static Maps maps(Tensor x) {
    return x.device().kernels().maps();
  }

  private static void notEmpty(String name, Tensor x, boolean[] folded) {
    for (int d = 0; d < folded.length; d++) {
      Checks.that(
          !folded[d] || x.dim(d) > 0, () -> name + " of no elements, in shape " + x.shape());
    }
  }

  public static int axis(String name, Shape shape, int axis) {
    int rank = shape.rank();
    Checks.that(
        axis >= -rank && axis < rank, () -> name + ": no dimension " + axis + " in " + shape);
    return axis < 0 ? axis + rank : axis;
  }

  /** Which dimensions are folded. */
  static boolean[] folded(String name, Shape shape, int... axes) {
    boolean[] folded = new boolean[shape.rank()];
    Arrays.fill(folded, axes.length == 0);
    for (int axis : axes) {
      int d = axis(name, shape, axis);
      Checks.that(!folded[d], () -> name + ": dimension " + axis + " of " + shape + " named twice");
      folded[d] = true;
    }
    return folded;
  }

  /** The shape of the result. */
  static Shape shape(Shape shape, boolean[] folded, boolean keepDim) {
    int[] dims = new int[shape.rank()];
    int count = 0;
    for (int d = 0; d < dims.length; d++) {
      if (!folded[d]) {
        dims[count++] = shape.dim(d);
      } else if (keepDim) {
        dims[count++] = 1;
      }
    }
    return Shape.of(Arrays.copyOf(dims, count));
  }

  /** A result, with or without folded dimensions, as a view that has them. */
  static View opened(Tensor y, Shape shape, boolean[] folded) {
    View view = y.asView();
    int rank = shape.rank();
    if (y.shape().rank() == rank) {
      return view;
    }
    int[] dims = new int[rank];
    int[] strides = new int[rank];
    for (int d = 0, k = 0; d < rank; d++) {
      dims[d] = folded[d] ? 1 : view.dims()[k];
      strides[d] = folded[d] ? 0 : view.strides()[k++];
    }
    return view.with(view.offset(), dims, strides);
  }
}
