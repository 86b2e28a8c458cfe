package tangram.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Indexing;

/**
 * Elements by their places: {@code gather} and {@code scatter} along one dimension, and what is
 * made of them. The gradient of one is the other.
 */
public final class IndexOp {
  /** Flat places p0 times as many: where the row is, negative from the end, in p0 rows of p1. */
  private static final Formula FLAT =
      Formula.of(
          2,
          2,
          (x, p) -> {
            Expr i = Expr.where(x[1].lt(0), x[1].add(p[1]), x[1]);
            Expr inside = i.ge(Expr.of(0)).mul(i.lt(p[1])).mul(x[0].ge(Expr.of(0)));
            return Expr.where(inside, x[0].mul(p[1]).add(i), Expr.of(-1));
          });

  private static final Tensor[] NONE = {};

  private IndexOp() {}

  /** {@code y[.., i, ..] = x[.., index[.., i, ..], ..]}; y has the shape of the index. */
  public static Tensor gather(Tensor x, int axis, Tensor index) {
    return gather("gather", x, axis, index, false);
  }

  /** As the other; whether the index belongs to this operation alone, and is closed by it. */
  private static Tensor gather(String name, Tensor x, int axis, Tensor index, boolean mine) {
    int d = checked(name, x, axis, index);
    Tensor y = x.device().uninitialized(x.type(), index.shape());
    try (Tensor part = fitted(x, d, index.shape())) {
      indexing(
          name, x.shape(), k -> k.gather(part.asView(), index.asView(), d, y.asView()), x.device());
    }
    Tracer.current().operation("gather", y, new Tensor[] {x, index}, d);
    return Autograd.record(
        "gather(x, index)",
        y,
        new Tensor[] {x},
        mine ? NONE : new Tensor[] {index},
        mine ? new Tensor[] {index} : NONE,
        gy -> {
          Tensor gx = x.device().zeros(x.type(), x.shape());
          put("gather", gx, d, index, gy, true);
          return new Tensor[] {gx};
        });
  }

  /**
   * A copy of x with {@code y[.., index[.., i, ..], ..] = source[.., i, ..]} in order of i, or
   * {@code +=}. As in PyTorch, the gradient by a source that was overwritten by a later one is that
   * of the later one.
   */
  public static Tensor scatter(Tensor x, int axis, Tensor index, Tensor source, boolean add) {
    return scatter(add ? "scatterAdd" : "scatter", x, axis, index, source, add, false);
  }

  private static Tensor scatter(
      String name, Tensor x, int axis, Tensor index, Tensor source, boolean add, boolean mine) {
    int d = checked(name, x, axis, index);
    Checks.sameDevice(name, x, source);
    Checks.that(
        source.type() == x.type() && !(add && x.type() == DType.BOOL),
        () -> name + ": a source of type " + source.type() + " for elements of type " + x.type());
    Checks.that(
        source.shape().rank() == index.shape().rank()
            && IntStream.range(0, index.shape().rank())
                .allMatch(i -> index.dim(i) <= source.dim(i)),
        () -> name + ": an index of " + index.shape() + " for a source of " + source.shape());
    Tensor y = Checks.like(x).copyFrom(x);
    try (Tensor part = fitted(source, -1, index.shape())) {
      put(name, y, d, index, part, add);
    }
    Tracer.current()
        .operation(add ? "scatterAdd" : "scatter", y, new Tensor[] {x, index, source}, d);
    return Autograd.record(
        name + "(x, source, index)",
        y,
        new Tensor[] {x, source},
        mine ? NONE : new Tensor[] {index},
        mine ? new Tensor[] {index} : NONE,
        gy -> {
          Tensor gSource = null;
          if (source.requiresGrad()) {
            gSource = gather(gy, d, index);
            if (!source.shape().equals(index.shape())) {
              int[] around = new int[2 * index.shape().rank()];
              Arrays.setAll(around, i -> i % 2 == 0 ? 0 : source.dim(i / 2) - index.dim(i / 2));
              gSource = gSource.then(g -> JoinOp.pad(g, 0, around));
            }
          }
          Tensor gx = gy;
          if (!add && x.requiresGrad()) {
            gx = Checks.like(x).copyFrom(gy);
            try (Tensor zeros = x.device().zeros(x.type(), Shape.of());
                Tensor none = ViewOp.expand(zeros, index.shape().dims())) {
              put(name, gx, d, index, none, false);
            }
          }
          return new Tensor[] {gx, gSource};
        });
  }

  private static int checked(String name, Tensor x, int axis, Tensor index) {
    int d = FoldOp.axis(name, x.shape(), axis);
    integers(name, x, index);
    boolean fits = index.shape().rank() == x.shape().rank();
    for (int i = 0; fits && i < x.shape().rank(); i++) {
      fits = i == d || index.dim(i) <= x.dim(i);
    }
    Checks.that(
        fits,
        () ->
            name
                + ": an index of "
                + index.shape()
                + " for "
                + x.shape()
                + "; it has as many dimensions, none longer but "
                + axis);
    return d;
  }

  private static void integers(String name, Tensor x, Tensor index) {
    Checks.sameDevice(name, x, index);
    Checks.that(
        index.type() == DType.I32 || index.type() == DType.I64,
        () -> name + ": an index holds integers, not " + index.type());
  }

  /** The part of a tensor that an index of a shape speaks of: all along one dimension. */
  private static Tensor fitted(Tensor x, int along, Shape shape) {
    Tensor part = x.detach();
    for (int d = 0; d < shape.rank(); d++) {
      if (d != along && shape.dim(d) < x.dim(d)) {
        Tensor whole = part;
        part = ViewOp.slice(whole, d, 0, shape.dim(d), 1);
        whole.close();
      }
    }
    return part;
  }

  private static void put(String name, Tensor y, int d, Tensor index, Tensor source, boolean add) {
    try (Tensor part = fitted(y, d, index.shape())) {
      indexing(
          name,
          y.shape(),
          k -> k.scatter(source.asView(), index.asView(), d, part.asView(), add),
          y.device());
    }
  }

  private interface Call {
    void on(Indexing kernels);
  }

  private static void indexing(String name, Shape shape, Call call, Device device) {
    try {
      call.on(device.kernels().indexing());
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          name + " of " + shape + ": " + e.getMessage() + "; 0 to one less fit", e);
    }
  }

  /** An index along one dimension as one of all: the same for every place of the others. */
  private static Tensor repeated(String name, Tensor x, int d, int[] dims, Tensor index) {
    integers(name, x, index);
    Checks.that(
        index.shape().rank() <= 1,
        () -> name + ": an index of one dimension, not " + index.shape());
    int[] opened = new int[dims.length];
    Arrays.fill(opened, 1);
    opened[d] = index.size();
    int[] to = dims.clone();
    to[d] = index.size();
    return index.reshape(opened).then(i -> i.expand(to));
  }

  /** The elements at some places of a dimension. */
  public static Tensor select(Tensor x, int axis, Tensor index) {
    return select("indexSelect", x, axis, index);
  }

  private static Tensor select(String name, Tensor x, int axis, Tensor index) {
    int d = FoldOp.axis(name, x.shape(), axis);
    Tensor y = gather(name, x, d, repeated(name, x, d, x.shape().dims(), index), true);
    Tracer.current().operation("indexSelect", y, new Tensor[] {x, index}, d);
    return y;
  }

  /** A copy of x with elements of a source added at some places of a dimension. */
  public static Tensor add(Tensor x, int axis, Tensor index, Tensor source) {
    int d = FoldOp.axis("indexAdd", x.shape(), axis);
    integers("indexAdd", x, index);
    Checks.sameDevice("indexAdd", x, source);
    int[] dims = x.shape().dims();
    dims[d] = index.size();
    Checks.that(
        source.shape().equals(Shape.of(dims)),
        () -> "indexAdd: a source of " + source.shape() + " where " + Shape.of(dims) + " fits");
    Tensor places = repeated("indexAdd", x, d, dims, index);
    return scatter("indexAdd", x, d, places, source, true, true);
  }

  /** Rows of a table: the shape of the index, then that of a row. */
  public static Tensor rows(Tensor table, Tensor index) {
    Checks.that(table.shape().rank() > 0, () -> "embedding: a table of rows, not " + table.shape());
    integers("embedding", table, index);
    int[] row = table.shape().dims();
    int[] rest = Arrays.copyOfRange(row, 1, row.length);
    try (Tensor flat = index.flatten()) {
      Tensor y =
          select("embedding", table, 0, flat)
              .then(rows -> rows.reshape(joined(index.shape().dims(), rest)));
      Tracer.current().operation("embedding", y, new Tensor[] {table, index});
      return y;
    }
  }

  /** A last dimension with 1 at the place that an integer names, and 0 elsewhere. */
  public static Tensor oneHot(Tensor x, int classes) {
    integers("oneHot", x, x);
    Checks.that(classes >= 0, () -> "oneHot: " + classes + " classes");
    DType type = x.device().indexType();
    Tensor y = x.device().zeros(type, Shape.of(joined(x.shape().dims(), new int[] {classes})));
    try (Tensor index = x.detach().then(t -> t.unsqueeze(-1));
        Tensor one = x.device().full(1, type, Shape.of());
        Tensor ones = one.expand(index.shape().dims())) {
      put("oneHot", y, x.shape().rank(), index, ones, true);
    }
    Tracer.current().operation("oneHot", y, new Tensor[] {x}, classes);
    return y;
  }

  private static int[] joined(int[] a, int[] b) {
    return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
  }

  /**
   * Indices into some dimensions of x, broadcast, as one into the product of these dimensions,
   * which are put in front.
   */
  private static final class Plan {
    final Tensor x;
    final int[] order;
    final int[] rest;
    final int[] shape;
    final Tensor flat;

    /** How many dimensions stay in front of the result's indexed ones. */
    final int before;

    Plan(String name, Tensor x, Tensor[] given) {
      this.x = x;
      List<Tensor> indices = new ArrayList<>();
      for (Tensor index : given) {
        if (index != null && index.type() == DType.BOOL) {
          int at = indices.size();
          for (int d = 0; d < index.shape().rank(); d++) {
            int of = d;
            Checks.that(
                at + of < x.shape().rank() && x.dim(at + of) == index.dim(of),
                () -> name + ": a mask of " + index.shape() + " for " + x.shape());
          }
          Tensor places = nonzero(index);
          for (int d = 0; d < index.shape().rank(); d++) {
            indices.add(places.select(1, d));
          }
        } else {
          indices.add(index);
        }
      }
      int rank = x.shape().rank();
      Checks.that(
          indices.size() <= rank, () -> name + ": " + indices.size() + " indices for " + x.shape());
      int[] indexed =
          IntStream.range(0, indices.size()).filter(d -> indices.get(d) != null).toArray();
      Checks.that(indexed.length > 0, () -> name + ": no index");
      // A single place only takes its dimension away, as in PyTorch.
      int[] wide = IntStream.of(indexed).filter(d -> indices.get(d).shape().rank() > 0).toArray();
      int first = wide.length == 0 ? 0 : wide[0];
      int last = wide.length == 0 ? 0 : wide[wide.length - 1];
      boolean adjacent = IntStream.range(first, last).allMatch(d -> indices.get(d) != null);
      before =
          adjacent
              ? (int) IntStream.range(0, first).filter(d -> indices.get(d) == null).count()
              : 0;
      int[] others =
          IntStream.range(0, rank)
              .filter(d -> d >= indices.size() || indices.get(d) == null)
              .toArray();
      order = joined(indexed, others);
      rest = IntStream.of(others).map(x::dim).toArray();
      Tensor[] all = new Tensor[indexed.length];
      Arrays.setAll(all, i -> indices.get(indexed[i]));
      for (Tensor index : all) {
        integers(name, x, index);
      }
      shape = MapOp.broadcast(name, all).dims();
      Tensor joined = x.device().zeros(DType.I32, Shape.of());
      for (int i = 0; i < all.length; i++) {
        double[] sizes = {0, x.dim(indexed[i])};
        Tensor index = all[i];
        joined = joined.then(before -> MapOp.map(name, FLAT, sizes, before, index));
      }
      flat = joined.then(place -> place.expand(shape));
    }

    /** x as rows, one for each place that can be indexed. */
    Tensor rows() {
      int size = IntStream.of(rest).reduce(1, (a, b) -> a * b);
      int count = 1;
      for (int i = 0; i < order.length - rest.length; i++) {
        count *= x.dim(order[i]);
      }
      int[] dims = joined(new int[] {count}, rest);
      return x.permute(order).then(y -> y.reshape(dims));
    }

    /** The dimensions of the result: those of the index, in front. */
    int[] dims() {
      return joined(shape, rest);
    }

    /** Which dimension, with those of the index in front, is a dimension of the result. */
    int source(int d) {
      int indexed = shape.length;
      return d < before ? indexed + d : d < before + indexed ? d - before : d;
    }

    /** Moves the dimensions of the index from the front to where they belong, or back. */
    Tensor moved(Tensor y, boolean back) {
      int[] from = IntStream.range(0, shape.length + rest.length).map(this::source).toArray();
      int[] inverse = new int[from.length];
      for (int d = 0; d < from.length; d++) {
        inverse[from[d]] = d;
      }
      return before == 0 ? y : y.permute(back ? inverse : from);
    }
  }

  /** {@code x[i, :, j]}: indices are broadcast; null takes a whole dimension. */
  public static Tensor index(Tensor x, Tensor... indices) {
    Plan plan = new Plan("index", x, indices);
    try (Tensor flat = plan.flat.then(Tensor::flatten)) {
      return explained("index", x, () -> plan.rows().then(rows -> select("index", rows, 0, flat)))
          .then(y -> y.reshape(plan.dims()))
          .then(y -> plan.moved(y, false));
    }
  }

  /** A copy of x with {@code y[i, :, j] = values}, broadcast, or {@code +=}. */
  public static Tensor put(Tensor x, Tensor values, boolean add, Tensor... indices) {
    Plan plan = new Plan("indexPut", x, indices);
    int[] shown = plan.dims();
    for (int d = 0; d < shown.length; d++) {
      shown[d] = plan.dims()[plan.source(d)];
    }
    int[] dims = joined(new int[] {plan.flat.size()}, plan.rest);
    int[] opened = IntStream.of(plan.order).map(x::dim).toArray();
    int[] inverse = new int[opened.length];
    for (int d = 0; d < opened.length; d++) {
      inverse[plan.order[d]] = d;
    }
    Tensor source = values.expand(shown).then(v -> plan.moved(v, true)).then(v -> v.reshape(dims));
    try (Tensor flat = plan.flat.then(Tensor::flatten)) {
      Tensor index = repeated("indexPut", x, 0, dims, flat);
      return explained(
              "indexPut",
              x,
              () ->
                  source.then(
                      v ->
                          plan.rows()
                              .then(rows -> scatter("indexPut", rows, 0, index, v, add, true))))
          .then(y -> y.reshape(opened))
          .then(y -> y.permute(inverse));
    }
  }

  private interface Work {
    Tensor run();
  }

  /** Kernels see indices that were joined. */
  private static Tensor explained(String name, Tensor x, Work work) {
    try {
      return work.run();
    } catch (IllegalArgumentException e) {
      if (e.getCause() instanceof IndexOutOfBoundsException) {
        throw new IllegalArgumentException(
            name
                + ": an index lies outside its dimension of "
                + x.shape()
                + "; those of n elements are -n to n - 1",
            e);
      }
      throw e;
    }
  }

  /** The places of the elements that are not 0, one to a row, in row-major order. */
  public static Tensor nonzero(Tensor x) {
    boolean[] set;
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor test = x.type() == DType.BOOL ? x.detach() : x.ne(0)) {
      set = test.toBooleans();
    }
    int rank = x.shape().rank();
    int count = 0;
    for (boolean one : set) {
      count += one ? 1 : 0;
    }
    int[] places = new int[count * rank];
    for (int i = 0, row = 0; i < set.length; i++) {
      if (set[i]) {
        for (int d = rank - 1, rest = i; d >= 0; rest /= x.dim(d), d--) {
          places[row * rank + d] = rest % x.dim(d);
        }
        row++;
      }
    }
    return x.device().tensor(places, count, rank).to(x.device().indexType());
  }
}
