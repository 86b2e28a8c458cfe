package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Operators that find elements by their places, or places of elements. */
final class Indexing {
  private Indexing() {}

  static void register(Operators table) {
    table.one("Gather", Indexing::gather);
    table.one("GatherElements", Indexing::gatherElements);
    table.one("GatherND", Indexing::gatherND);
    table.one("OneHot", Indexing::oneHot);
    table.one("NonZero", Indexing::nonZero);
    table.one("Compress", Indexing::compress);
    table.put("TopK", Indexing::topK);
    table.put("Unique", Indexing::unique);
    table.one("EyeLike", Indexing::eye);
    table.one("Range", Indexing::range);
  }

  private static OnnxTensor gather(Call c) {
    Tensor x = c.t(0);
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    Tensor index = c.indices(1, x, x.dim(axis));
    int[] own = x.shape().dims();
    int[] dims = new int[own.length - 1 + index.shape().rank()];
    System.arraycopy(own, 0, dims, 0, axis);
    System.arraycopy(index.shape().dims(), 0, dims, axis, index.shape().rank());
    System.arraycopy(own, axis + 1, dims, axis + index.shape().rank(), own.length - axis - 1);
    return c.like(0, x.indexSelect(axis, index.reshape(index.size())).reshape(dims));
  }

  private static OnnxTensor gatherElements(Call c) {
    Tensor x = c.t(0);
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    return c.like(0, x.gather(axis, c.indices(1, x, x.dim(axis))));
  }

  /** Places of the slices that tuples of indices mean, of dimensions after some. */
  static long[] tuples(long[] indices, int width, int[] dims, int from) {
    long[] places = new long[width == 0 ? 0 : indices.length / width];
    for (int i = 0; i < places.length; i++) {
      long place = 0;
      for (int k = 0; k < width; k++) {
        int length = dims[from + k];
        long at = indices[i * width + k];
        if (at < -length || at >= length) {
          throw new IllegalArgumentException(
              "index " + at + " is outside a dimension of " + length);
        }
        place = place * length + (at < 0 ? at + length : at);
      }
      places[i] = place;
    }
    return places;
  }

  private static OnnxTensor gatherND(Call c) {
    Tensor x = c.t(0);
    int batch = (int) c.attr("batch_dims", 0);
    int[] dims = x.shape().dims();
    int[] index = c.in(1).dims();
    int width = index[index.length - 1];
    long[] places = tuples(c.longs(1), width, dims, batch);
    int batches = Moves.size(dims, 0, batch);
    int slices = Moves.size(dims, batch, batch + width);
    int each = batches == 0 ? 0 : places.length / batches;
    for (int i = 0; i < places.length; i++) {
      places[i] += (long) (i / each) * slices;
    }
    int inner = Moves.size(dims, batch + width, dims.length);
    int[] result = Arrays.copyOf(index, index.length - 1 + dims.length - batch - width);
    System.arraycopy(dims, batch + width, result, index.length - 1, dims.length - batch - width);
    Tensor rows = x.reshape(batches * slices, inner);
    Tensor taken = rows.indexSelect(0, Moves.index(x.device(), places, places.length));
    return c.like(0, taken.reshape(result));
  }

  private static OnnxTensor oneHot(Call c) {
    int depth = (int) c.number(1);
    int rank = c.rank(0) + 1;
    int axis = c.axis(c.attr("axis", -1), rank);
    double[] indices = c.in(0).doubles();
    int[] own = c.in(0).dims();
    int[] dims = new int[rank];
    System.arraycopy(own, 0, dims, 0, axis);
    dims[axis] = depth;
    System.arraycopy(own, axis, dims, axis + 1, rank - 1 - axis);
    int inner = Moves.size(own, axis, own.length);
    boolean[] on = new boolean[Moves.size(dims, 0, rank)];
    for (int i = 0; i < indices.length; i++) {
      long at = (long) indices[i];
      at += at < 0 ? depth : 0;
      if (at >= 0 && at < depth) {
        on[(int) ((i / inner * depth + at) * inner + i % inner)] = true;
      }
    }
    Device where = c.t(2).device();
    Tensor yes = c.t(2).narrow(0, 1, 1);
    Tensor no = c.t(2).narrow(0, 0, 1);
    return c.like(2, Tensor.where(where.tensor(on, dims), yes, no));
  }

  private static OnnxTensor nonZero(Call c) {
    Tensor x = c.t(0).to(c.host());
    int rank = x.shape().rank();
    Tensor places = (rank == 0 ? x.reshape(1) : x).nonzero();
    // Of a scalar there is no dimension to tell a place in.
    return c.result(ElementType.INT64, rank == 0 ? places.narrow(1, 0, 0).t() : places.t());
  }

  private static OnnxTensor compress(Call c) {
    Tensor x = c.t(0);
    boolean flat = !c.hasAttribute("axis");
    int axis = flat ? 0 : c.axis(c.attr("axis", 0), x.shape().rank());
    x = flat ? x.reshape(x.size()) : x;
    long[] truth = c.longs(1);
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < truth.length; i++) {
      if (truth[i] != 0) {
        places.add((long) i);
      }
    }
    long[] chosen = places.stream().mapToLong(Long::longValue).toArray();
    if (chosen.length > 0 && chosen[chosen.length - 1] >= x.dim(axis)) {
      throw new IllegalArgumentException("a condition longer than " + x.dim(axis));
    }
    return c.like(0, x.indexSelect(axis, Moves.index(x.device(), chosen, chosen.length)));
  }

  private static OnnxData[] topK(Call c) {
    Tensor x = c.ordered(0);
    int k = c.version() < 10 ? c.attr("k") : (int) c.integer(1);
    int axis = c.axis(c.attr("axis", -1), x.shape().rank());
    // In order, which they also may be where the model does not ask for it.
    Tensor.Ordered top = x.topk(k, axis, c.attr("largest", 1) != 0);
    return new OnnxData[] {c.unordered(0, top.values()), integers(c, top.indices())};
  }

  /** Places as ONNX has them, 64-bit integers. */
  static OnnxTensor integers(Call c, Tensor places) {
    return c.result(ElementType.INT64, (places.type() == DType.I64 ? places : places.to(c.host())));
  }

  /** The elements of a part, as something to compare. */
  private static List<Comparable<Object>> keys(OnnxTensor x) {
    Object[] keys;
    if (x.texts() != null) {
      keys = x.strings();
    } else if (x.type().isInteger() || x.type() == ElementType.BOOL) {
      keys = Arrays.stream(x.longs()).boxed().toArray();
      if (x.type() == ElementType.UINT64) {
        keys = Arrays.stream(x.longs()).mapToObj(v -> (Object) (v ^ Long.MIN_VALUE)).toArray();
      }
    } else {
      // 0.0 and -0.0 are one number.
      keys = Arrays.stream(x.doubles()).mapToObj(v -> (Object) (v + 0.0)).toArray();
    }
    List<Comparable<Object>> list = new ArrayList<>();
    for (Object key : keys) {
      list.add(comparable(key));
    }
    return list;
  }

  @SuppressWarnings("unchecked")
  private static Comparable<Object> comparable(Object key) {
    return (Comparable<Object>) key;
  }

  private static int compare(List<Comparable<Object>> a, List<Comparable<Object>> b) {
    for (int i = 0; i < a.size(); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static OnnxData[] unique(Call c) {
    boolean flat = !c.hasAttribute("axis");
    int axis = flat ? 0 : c.axis(c.attr("axis", 0), c.rank(0));
    Tensor x = flat ? c.t(0).reshape(c.t(0).size()) : c.t(0);
    int n = x.dim(axis);
    boolean sorted = c.attr("sorted", 1) != 0;
    Map<List<Comparable<Object>>, Integer> first =
        sorted ? new TreeMap<>(Indexing::compare) : new LinkedHashMap<>();
    List<List<Comparable<Object>>> parts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      parts.add(keys(c.like(0, x.select(axis, i).contiguous())));
      first.putIfAbsent(parts.get(i), i);
    }
    long[] places = first.values().stream().mapToLong(Integer::longValue).toArray();
    Map<List<Comparable<Object>>, Integer> rank =
        sorted ? new TreeMap<>(Indexing::compare) : new LinkedHashMap<>();
    first.keySet().forEach(part -> rank.put(part, rank.size()));
    long[] inverse = new long[n];
    long[] counts = new long[places.length];
    for (int i = 0; i < n; i++) {
      inverse[i] = rank.get(parts.get(i));
      counts[(int) inverse[i]]++;
    }
    Tensor y = x.indexSelect(axis, Moves.index(x.device(), places, places.length));
    return new OnnxData[] {
      c.like(0, y),
      c.result(ElementType.INT64, places, places.length),
      c.result(ElementType.INT64, inverse, n),
      c.result(ElementType.INT64, counts, counts.length)
    };
  }

  private static OnnxTensor eye(Call c) {
    ElementType type = c.attrElement("dtype", c.type(0));
    int[] dims = c.in(0).dims();
    if (dims.length != 2) {
      throw new IllegalArgumentException("a tensor of " + dims.length + " dimensions, not 2");
    }
    long k = c.attr("k", 0);
    double[] values = new double[dims[0] * dims[1]];
    for (int i = 0; i < dims[0]; i++) {
      long j = i + k;
      if (j >= 0 && j < dims[1]) {
        values[i * dims[1] + (int) j] = 1;
      }
    }
    return Casting.ofDoubles(c, type, values, dims);
  }

  private static OnnxTensor range(Call c) {
    ElementType type = c.type(0);
    if (type.isInteger()) {
      long start = c.integer(0);
      long limit = c.integer(1);
      long delta = c.integer(2);
      if (delta == 0) {
        throw new IllegalArgumentException("steps of 0");
      }
      long span = delta > 0 ? limit - start : start - limit;
      long step = Math.abs(delta);
      long[] values = new long[Math.toIntExact(Math.max(0, (span + step - 1) / step))];
      Arrays.setAll(values, i -> start + i * delta);
      return c.result(type, values, values.length);
    }
    double start = c.number(0);
    double delta = c.number(2);
    double count = Math.max(0, Math.ceil((c.number(1) - start) / delta));
    if (!(count <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException("no steps of " + delta + " lead there");
    }
    double[] values = new double[(int) count];
    Arrays.setAll(values, i -> start + i * delta);
    return c.result(type, values, values.length);
  }
}
