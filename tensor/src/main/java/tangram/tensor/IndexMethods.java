package tangram.tensor;

import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.IndexOp;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.RandomOp;
import tangram.tensor.op.ScanOp;
import tangram.tensor.op.SortOp;

/**
 * What {@link Tensor} can do by places and by order. Indices are of type {@code I32} or {@code
 * I64}; one outside its dimension is refused by a sentence, or, on the device {@code tornado},
 * whose work is not waited for, makes the elements that depend on it NaN (of integers, the
 * smallest).
 */
public abstract sealed class IndexMethods extends ReductionMethods permits ProductMethods {
  /**
   * Elements in order, and where they were.
   *
   * @param values the elements
   * @param indices their places along the dimension
   */
  public record Ordered(Tensor values, Tensor indices) {}

  /** Between two, by p0; NaN if the third is. */
  private static final Formula BETWEEN =
      Formula.of(
          3, 1, (x, p) -> Expr.where(x[2].ne(x[2]), x[2], x[0].add(x[1].sub(x[0]).mul(p[0]))));

  IndexMethods() {}

  /** {@code y[.., i, ..] = x[.., index[.., i, ..], ..]}: an element for each of the index. */
  public final Tensor gather(int axis, Tensor index) {
    return IndexOp.gather(self(), axis, index);
  }

  /**
   * A copy with {@code y[.., index[.., i, ..], ..] = source[.., i, ..]}; of several the last stays.
   */
  public final Tensor scatter(int axis, Tensor index, Tensor source) {
    return IndexOp.scatter(self(), axis, index, source, false);
  }

  /** A copy with {@code y[.., index[.., i, ..], ..] += source[.., i, ..]}, in order of i. */
  public final Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return IndexOp.scatter(self(), axis, index, source, true);
  }

  /** The elements at some places of a dimension. */
  public final Tensor indexSelect(int axis, Tensor index) {
    return IndexOp.select(self(), axis, index);
  }

  /** A copy with elements of a source added at some places of a dimension. */
  public final Tensor indexAdd(int axis, Tensor index, Tensor source) {
    return IndexOp.add(self(), axis, index, source);
  }

  /**
   * {@code x[i, :, j]}: one index for each dimension from the first, broadcast; null takes a whole
   * dimension, a mask of type {@code BOOL} as many dimensions as it has. Negative places count from
   * the end. The indices' dimensions come where the first of them is, or in front if a whole
   * dimension lies between them.
   */
  public final Tensor index(Tensor... indices) {
    return IndexOp.index(self(), indices);
  }

  /**
   * A copy with {@code y[i, :, j] = values}, or {@code +=}.
   *
   * @param values broadcast to the shape of {@link #index}
   * @param accumulate whether values are added
   */
  public final Tensor indexPut(Tensor values, boolean accumulate, Tensor... indices) {
    return IndexOp.put(self(), values, accumulate, indices);
  }

  /** Elements by their places in row-major order. */
  public final Tensor take(Tensor index) {
    return IndexOp.index(self().reshape(-1), index);
  }

  /** The elements where a mask, which is broadcast, is true: one dimension. */
  public final Tensor maskedSelect(Tensor mask) {
    if (mask == null || mask.type() != DType.BOOL) {
      throw new IllegalArgumentException(
          "maskedSelect: a mask of type BOOL, not "
              + (mask == null ? "null" : mask.type() + "; ne(0) makes one"));
    }
    int[] dims = MapOp.broadcast("maskedSelect", self(), mask).dims();
    return IndexOp.index(self().expand(dims).flatten(), mask.expand(dims).flatten());
  }

  /** The places of the elements that are not 0: [count, rank]. */
  public final Tensor nonzero() {
    return IndexOp.nonzero(self());
  }

  /** Rows of this table [rows, ...] by their numbers, of any shape. */
  public final Tensor embedding(Tensor index) {
    return IndexOp.rows(self(), index);
  }

  /** The running sum along a dimension; of integers in the {@link Device#indexType}. */
  public final Tensor cumsum(int axis) {
    return ScanOp.cumsum(self(), axis);
  }

  /** The running product along a dimension; of integers in the {@link Device#indexType}. */
  public final Tensor cumprod(int axis) {
    return ScanOp.cumprod(self(), axis);
  }

  /** The elements along a dimension in order; equal ones stay in theirs, NaN is the largest. */
  public final Ordered sort(int axis, boolean descending) {
    return SortOp.at(self(), axis, SortOp.argsort(self(), axis, descending));
  }

  /** Where the elements of {@link #sort} are. */
  public final Tensor argsort(int axis, boolean descending) {
    return SortOp.argsort(self(), axis, descending);
  }

  /** The k largest or smallest elements along a dimension, in order. */
  public final Ordered topk(int k, int axis, boolean largest) {
    int n = self().dim(FoldOp.axis("topk", self().shape(), axis));
    if (k < 0 || k > n) {
      throw new IllegalArgumentException(
          "topk: %s of %s elements along dimension %s of %s".formatted(k, n, axis, self().shape()));
    }
    Tensor places =
        SortOp.argsort(self(), axis, largest).then(all -> all.narrow(axis, 0, k).contiguous());
    return SortOp.at(self(), axis, places);
  }

  /** The k-th smallest element along a dimension; 1 is the smallest. */
  public final Ordered kthvalue(int k, int axis) {
    return SortOp.one("kthvalue", self(), axis, k - 1);
  }

  /** The middle element along a dimension, the lower of two; NaN if one is. */
  public final Ordered median(int axis) {
    return SortOp.median(self(), axis);
  }

  /** Between two elements in order, by their distance from {@code q (n - 1)}; NaN if one is. */
  public final Tensor quantile(double q, int axis) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("quantile: a fraction from 0 to 1, not " + q);
    }
    int last = self().dim(FoldOp.axis("quantile", self().shape(), axis)) - 1;
    if (last < 0) {
      throw new IllegalArgumentException("quantile of no elements, in " + self().shape());
    }
    Tensor sorted = sort(axis, false).values();
    double place = q * last;
    Tensor low = sorted.select(axis, (int) Math.floor(place));
    Tensor high = sorted.select(axis, (int) Math.ceil(place));
    double[] fraction = {place - Math.floor(place)};
    return MapOp.real("quantile", BETWEEN, fraction, low, high, sorted.select(axis, last));
  }

  /** The different elements in ascending order: one dimension. */
  public final Tensor unique() {
    Tensor sorted = self().reshape(-1).sort(0, false).values();
    int n = sorted.size();
    if (n < 2) {
      return sorted;
    }
    Tensor first = sorted.device().full(1, DType.BOOL, Shape.of(1));
    Tensor differs = sorted.slice(0, 1, n).ne(sorted.slice(0, 0, n - 1));
    return sorted.maskedSelect(Tensor.cat(0, first, differs));
  }

  /** How often each of 0, 1, ... occurs in this tensor of integers, at least so many. */
  public final Tensor bincount(int atLeast) {
    if (self().type().isReal() || atLeast < 0) {
      throw new IllegalArgumentException(
          "bincount: integers and a count of at least 0, not " + self().type() + " and " + atLeast);
    }
    Tensor x = self().reshape(-1);
    if (x.size() > 0 && x.min().item() < 0) {
      throw new IllegalArgumentException(
          "bincount: no number below 0, not " + (long) x.min().item() + " among " + x.shape());
    }
    int n = x.size() == 0 ? atLeast : Math.max(atLeast, (int) x.max().item() + 1);
    Tensor one = x.device().full(1, x.device().indexType(), Shape.of());
    return x.device().zeros(one.type(), Shape.of(n)).scatterAdd(0, x, one.expand(x.size()));
  }

  /** Random: 1 with the probability that the element is, else 0; without gradient. */
  public final Tensor bernoulli(Generator generator) {
    return RandomOp.bernoulli(self(), generator);
  }

  /** Random: 0 with a probability, else x / (1 - p). */
  public final Tensor dropout(double p, Generator generator) {
    return RandomOp.dropout(self(), p, generator, self().shape().dims());
  }
}
