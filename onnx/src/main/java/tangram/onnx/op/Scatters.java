package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Operators that put elements to places; of several for one place the last stays. */
final class Scatters {
  private Scatters() {}

  static void register(Operators table) {
    table.one("Scatter", Scatters::elements);
    table.one("ScatterElements", Scatters::elements);
    table.one("ScatterND", Scatters::tuples);
    table.one("TensorScatter", Scatters::cache);
  }

  private static OnnxTensor elements(Call c) {
    OnnxTensor[] parts = Texts.together(c.in(0), c.in(2));
    Tensor x = parts[0].tensor();
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    Tensor index = c.indices(1, x, x.dim(axis));
    String reduction = c.attr("reduction", "none");
    if (reduction.equals("none")) {
      return Texts.result(c, parts[0], x.scatter(axis, index, parts[1].tensor()));
    }
    if (reduction.equals("add") && c.type(0).isReal()) {
      return c.like(0, c.real(0).scatterAdd(axis, index, c.real(2)));
    }
    int[] dims = x.shape().dims();
    int[] own = index.shape().dims();
    long[] at = index.toLongs();
    long[] places = new long[at.length];
    for (int i = 0; i < places.length; i++) {
      int[] indices = Moves.indices(i, own);
      indices[axis] = (int) at[i];
      places[i] = Moves.place(indices, dims);
    }
    return reduced(c, places, reduction);
  }

  /** Rows of a tensor at places, one for each tuple of indices. */
  private static OnnxTensor tuples(Call c) {
    OnnxTensor[] parts = Texts.together(c.in(0), c.in(2));
    Tensor x = parts[0].tensor();
    int[] dims = x.shape().dims();
    int[] index = c.in(1).dims();
    int width = index[index.length - 1];
    long[] rows = Indexing.tuples(c.longs(1), width, dims, 0);
    int count = Moves.size(dims, 0, width);
    int inner = Moves.size(dims, width, dims.length);
    String reduction = c.attr("reduction", "none");
    if (reduction.equals("none") || (reduction.equals("add") && c.type(0).isReal())) {
      Tensor flat = (reduction.equals("add") ? c.real(0) : x).reshape(count, inner);
      Tensor updates =
          (reduction.equals("add") ? c.real(2) : parts[1].tensor()).reshape(rows.length, inner);
      Tensor at = Moves.index(x.device(), rows, rows.length);
      Tensor y =
          reduction.equals("add")
              ? flat.indexAdd(0, at, updates)
              : flat.scatter(0, at.unsqueeze(1).expand(rows.length, inner), updates);
      return Texts.result(c, parts[0], y.reshape(dims));
    }
    long[] places = new long[rows.length * inner];
    Arrays.setAll(places, i -> rows[i / inner] * inner + i % inner);
    return reduced(c, places, reduction);
  }

  /** On the host, in order. */
  private static OnnxTensor reduced(Call c, long[] places, String reduction) {
    int[] dims = c.in(0).dims();
    ElementType type = c.type(0);
    if (type.isInteger()) {
      long[] y = c.longs(0);
      long[] updates = c.longs(2);
      boolean flip = type == ElementType.UINT64;
      for (int i = 0; i < places.length; i++) {
        int at = (int) places[i];
        long a = y[at];
        long b = updates[i];
        boolean less = flip ? Long.compareUnsigned(a, b) < 0 : a < b;
        y[at] =
            type.wrap(
                switch (reduction) {
                  case "add" -> a + b;
                  case "mul" -> a * b;
                  case "max" -> less ? b : a;
                  case "min" -> less ? a : b;
                  default -> throw unknown(c, reduction);
                });
      }
      return c.result(type, y, dims);
    }
    if (c.real(0).requiresGrad() || c.real(2).requiresGrad()) {
      throw c.refuse("reduction '" + reduction + "' has no gradient");
    }
    double[] y = c.in(0).doubles();
    double[] updates = c.in(2).doubles();
    for (int i = 0; i < places.length; i++) {
      int at = (int) places[i];
      y[at] =
          switch (reduction) {
            case "mul" -> y[at] * updates[i];
            case "max" -> Math.max(y[at], updates[i]);
            case "min" -> Math.min(y[at], updates[i]);
            default -> throw unknown(c, reduction);
          };
    }
    return c.result(type, y, dims);
  }

  private static RuntimeException unknown(Call c, String reduction) {
    return c.refuse("reduction '" + reduction + "' is not known");
  }

  /** A cache with new entries of each sample from some place on. */
  private static OnnxTensor cache(Call c) {
    OnnxTensor[] both = Texts.together(c.in(0), c.in(1));
    Tensor x = both[0].tensor();
    Tensor update = both[1].tensor();
    int[] dims = x.shape().dims();
    int[] own = update.shape().dims();
    int axis = c.axis(c.attr("axis", -2), dims.length);
    long[] starts = c.has(2) ? c.longs(2) : new long[dims[0]];
    String mode = c.attr("mode", "linear");
    if (!mode.equals("linear") && !mode.equals("circular")) {
      throw c.refuse("mode '" + mode + "' is not known");
    }
    long[] places = new long[update.size()];
    for (int i = 0; i < places.length; i++) {
      int[] at = Moves.indices(i, own);
      long to = starts[at[0]] + at[axis];
      if (mode.equals("circular")) {
        to = Math.floorMod(to, (long) dims[axis]);
      }
      if (to < 0 || to >= dims[axis]) {
        throw new IllegalArgumentException("place " + to + " is outside a cache of " + dims[axis]);
      }
      at[axis] = (int) to;
      places[i] = Moves.place(at, dims);
    }
    Tensor index = Moves.index(x.device(), places, places.length);
    Tensor y = x.reshape(x.size()).scatter(0, index, update.reshape(update.size()));
    return Texts.result(c, both[0], y.reshape(dims));
  }
}
