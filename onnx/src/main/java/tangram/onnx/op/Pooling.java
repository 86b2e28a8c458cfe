package tangram.onnx.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;

/** Pooling along up to three dimensions, or all. */
final class Pooling {
  private Pooling() {}

  static void register(Operators table) {
    table.one("AveragePool", Pooling::average);
    table.put("MaxPool", Pooling::maximum);
    table.one("LpPool", Pooling::norm);
    table.one("GlobalAveragePool", c -> c.like(0, c.real(0).mean(spatial(c), true)));
    table.one("GlobalMaxPool", c -> c.like(0, c.real(0).max(spatial(c), true)));
    table.one(
        "GlobalLpPool",
        c -> {
          double p = c.version() < 2 ? c.attr("p", 2.0) : c.attr("p", 2);
          Tensor sum = c.real(0).abs().pow(p).sum(spatial(c), true);
          return c.like(0, sum.pow(1 / p));
        });
    table.one("MaxUnpool", Pooling::unpool);
  }

  private static int[] spatial(Call c) {
    if (c.rank(0) < 3) {
      throw new IllegalArgumentException("no spatial dimensions in shape " + c.t(0).shape());
    }
    return IntStream.range(2, c.rank(0)).toArray();
  }

  private static Convolutions.Windows windows(Call c, Tensor x) {
    return Convolutions.Windows.of(c, c.attrInts("kernel_shape"), Convolutions.spatial(x));
  }

  /** The number of windows along a dimension. */
  private static int out(Call c, Convolutions.Windows w, int size, int d) {
    int room = size + w.begin()[d] + w.end()[d] - w.dilations()[d] * (w.kernel()[d] - 1) - 1;
    int stride = w.strides()[d];
    boolean ceil = c.flag("ceil_mode") && room % stride != 0;
    int out = room / stride + (ceil ? 2 : 1);
    // A window that begins in the padding behind does not count.
    return ceil && (out - 1) * stride >= size + w.begin()[d] ? out - 1 : out;
  }

  /**
   * Sums over windows, by shifted parts of the padded input: for what pooling of tensors does not
   * take, such as averages with dilation.
   */
  private static Tensor sums(Call c, Tensor x, Convolutions.Windows w) {
    int rank = w.kernel().length;
    int[] out = new int[rank];
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    for (int d = 0; d < rank; d++) {
      out[d] = out(c, w, x.dim(d + 2), d);
      int reach = (out[d] - 1) * w.strides()[d] + w.dilations()[d] * (w.kernel()[d] - 1) + 1;
      before[d + 2] = w.begin()[d];
      after[d + 2] = reach - x.dim(d + 2) - w.begin()[d];
    }
    Tensor padded = Padding.constant(x, before, after, 0);
    Tensor sum = null;
    for (int i = 0; i < Moves.size(w.kernel(), 0, rank); i++) {
      int[] tap = Moves.indices(i, w.kernel());
      Tensor part = padded;
      for (int d = 0; d < rank; d++) {
        int from = tap[d] * w.dilations()[d];
        part = part.slice(d + 2, from, from + (out[d] - 1) * w.strides()[d] + 1, w.strides()[d]);
      }
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
  }

  private static OnnxTensor average(Call c) {
    Tensor x = c.real(0);
    Convolutions.Windows w = windows(c, x);
    boolean include = c.flag("count_include_pad");
    int rank = w.kernel().length;
    boolean plain = rank <= 3 && Arrays.stream(w.dilations()).allMatch(d -> d == 1);
    if (plain && IntStream.range(0, rank).allMatch(d -> fits(w, w.end(), d))) {
      PoolOptions options =
          PoolOptions.of(w.kernel())
              .stride(w.strides())
              .padding(w.begin(), w.end())
              .ceilMode(c.flag("ceil_mode"))
              .countIncludePad(include);
      return c.like(0, PoolOp.avgPool(rank, x, options));
    }
    int[] dims = x.shape().dims();
    Arrays.fill(dims, 0, 2, 1);
    Tensor ones = x.device().full(1, x.type(), Shape.of(dims));
    if (include) {
      int[] before = new int[dims.length];
      int[] after = new int[dims.length];
      System.arraycopy(w.begin(), 0, before, 2, w.begin().length);
      System.arraycopy(w.end(), 0, after, 2, w.end().length);
      Tensor all = Padding.constant(ones, before, after, 1);
      int[] none = new int[w.begin().length];
      Convolutions.Windows bare =
          new Convolutions.Windows(w.kernel(), w.strides(), w.dilations(), none, none);
      Tensor sum = sums(c, x, w);
      return c.like(0, sum.div(same(sums(c, all, bare), sum)));
    }
    return c.like(0, sums(c, x, w).div(sums(c, ones, w)));
  }

  /** Counts of windows, of which padding may have made more. */
  private static Tensor same(Tensor counts, Tensor like) {
    for (int d = 2; d < like.shape().rank(); d++) {
      counts = counts.narrow(d, 0, like.dim(d));
    }
    return counts;
  }

  private static OnnxTensor norm(Call c) {
    Tensor x = c.real(0);
    double p = c.version() < 2 ? c.attr("p", 2.0) : c.attr("p", 2);
    return c.like(0, sums(c, x.abs().pow(p), windows(c, x)).pow(1 / p));
  }

  private static OnnxData[] maximum(Call c) {
    boolean whole = !c.type(0).isReal();
    Tensor x = whole ? c.t(0).to(DType.F32) : c.real(0);
    int rank = x.shape().rank() - 2;
    Convolutions.Windows w = windows(c, x);
    int[] end = w.end().clone();
    for (int d = 0; d < rank; d++) {
      // As much as the last window needs, so that ceiling mode is ours.
      int reach = w.dilations()[d] * (w.kernel()[d] - 1) + 1;
      int last = (out(c, w, x.dim(d + 2), d) - 1) * w.strides()[d] + reach;
      end[d] = Math.max(0, last - x.dim(d + 2) - w.begin()[d]);
    }
    // Padding never wins.
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    System.arraycopy(w.begin(), 0, before, 2, rank);
    System.arraycopy(end, 0, after, 2, rank);
    boolean fits = IntStream.range(0, rank).allMatch(d -> fits(w, end, d));
    PoolOptions options = PoolOptions.of(w.kernel()).stride(w.strides()).dilation(w.dilations());
    if (rank > 3) {
      throw c.refuse("it has 1 to 3 spatial dimensions, not " + rank);
    }
    if (!c.wants(1)) {
      Tensor y =
          fits
              ? PoolOp.maxPool(rank, x, options.padding(w.begin(), end))
              : PoolOp.maxPool(
                  rank, Padding.constant(x, before, after, Double.NEGATIVE_INFINITY), options);
      return new OnnxData[] {c.like(0, y)};
    }
    if (!fits) {
      throw c.refuse("padding of more than half a window has no places");
    }
    Tensor[] y = PoolOp.maxPoolWithIndices(rank, x, options.padding(w.begin(), end));
    return new OnnxData[] {c.like(0, y[0]), places(c, x, y[1])};
  }

  private static boolean fits(Convolutions.Windows w, int[] end, int d) {
    int reach = w.dilations()[d] * (w.kernel()[d] - 1) + 1;
    return 2 * w.begin()[d] <= reach && 2 * end[d] <= reach;
  }

  /** Places in the whole tensor, of those in each channel. */
  private static OnnxTensor places(Call c, Tensor x, Tensor indices) {
    long[] places = indices.toLongs();
    int[] spatial = Convolutions.spatial(x);
    int plane = Moves.size(spatial, 0, spatial.length);
    int each = indices.size() / Math.max(1, x.dim(0) * x.dim(1));
    boolean columns = c.flag("storage_order");
    for (int i = 0; i < places.length; i++) {
      long place = places[i];
      if (columns) {
        int[] at = Moves.indices((int) place, spatial);
        place = 0;
        for (int d = spatial.length - 1; d >= 0; d--) {
          place = place * spatial[d] + at[d];
        }
      }
      places[i] = (long) (i / each) * plane + place;
    }
    return c.result(ElementType.INT64, places, indices.shape().dims());
  }

  /** Elements put back where maxima were. */
  private static OnnxTensor unpool(Call c) {
    Tensor x = c.real(0);
    int[] kernel = c.attrInts("kernel_shape");
    Convolutions.Windows w = windows(c, x);
    int[] dims = x.shape().dims();
    for (int d = 0; d < kernel.length; d++) {
      dims[d + 2] = (dims[d + 2] - 1) * w.strides()[d] + kernel[d] - w.begin()[d] - w.end()[d];
    }
    Tensor zero = x.device().zeros(x.type(), Shape.of(Moves.size(dims, 0, dims.length)));
    Tensor index = c.indices(1, x, zero.size());
    Tensor y = zero.scatter(0, index.reshape(index.size()), x.reshape(x.size())).reshape(dims);
    if (c.has(2)) {
      int[] wanted = c.ints(2);
      int[] after = new int[dims.length];
      Arrays.setAll(after, d -> wanted[d] - y.dim(d));
      return c.like(0, Padding.constant(y, new int[dims.length], after, 0));
    }
    return c.like(0, y);
  }
}
