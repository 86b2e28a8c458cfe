package tangram.onnx.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Elements around tensors. */
final class Padding {
  private Padding() {}

  static OnnxTensor pad(Call c) {
    Tensor x = c.t(0);
    int rank = x.shape().rank();
    int[] pads =
        c.version() < 2
            ? c.attrInts("paddings")
            : c.version() < 11 ? c.attrInts("pads") : c.ints(1);
    int[] axes = c.has(3) ? c.axes(c.longs(3), rank) : IntStream.range(0, rank).toArray();
    if (pads.length != 2 * axes.length) {
      throw new IllegalArgumentException(
          pads.length + " numbers of padding for " + axes.length + " dimensions");
    }
    double value = c.version() < 11 ? c.attr("value", 0.0) : 0;
    if (c.has(2) && c.type(0) != ElementType.STRING) {
      value = c.number(2);
    }
    String mode = c.attr("mode", "constant");
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int i = 0; i < axes.length; i++) {
      before[axes[i]] = pads[i];
      after[axes[i]] = pads[axes.length + i];
    }
    if (mode.equals("constant")) {
      notTexts(c);
      return c.like(0, constant(x, before, after, value));
    }
    for (int d = 0; d < rank; d++) {
      if (before[d] != 0 || after[d] != 0) {
        long[] places = places(c, mode, x.dim(d), before[d], after[d]);
        x = x.indexSelect(d, Moves.index(x.device(), places, places.length));
      }
    }
    return c.like(0, x);
  }

  private static void notTexts(Call c) {
    if (c.type(0) == ElementType.STRING) {
      throw c.refuse("texts are not padded");
    }
  }

  /** Elements of one value around; where padding is negative, fewer elements. */
  static Tensor constant(Tensor x, int[] before, int[] after, double value) {
    int rank = before.length;
    int[] pads = new int[2 * rank];
    for (int d = 0; d < rank; d++) {
      int from = Math.max(0, -before[d]);
      int to = x.dim(d) - Math.max(0, -after[d]);
      if (from > 0 || to < x.dim(d)) {
        x = x.slice(d, from, Math.max(from, to));
      }
      pads[2 * d] = Math.max(0, before[d]);
      pads[2 * d + 1] = Math.max(0, after[d]);
    }
    return Arrays.stream(pads).allMatch(p -> p == 0) ? x : x.pad(value, pads);
  }

  private static long[] places(Call c, String mode, int length, int before, int after) {
    if (length == 0) {
      throw new IllegalArgumentException("nothing to repeat in a dimension of 0 elements");
    }
    long[] places = new long[Math.max(0, length + before + after)];
    for (int i = 0; i < places.length; i++) {
      int at = i - before;
      int period = 2 * (length - 1);
      places[i] =
          switch (mode) {
            case "edge" -> Math.max(0, Math.min(length - 1, at));
            case "wrap" -> Math.floorMod(at, length);
            case "reflect" ->
                length == 1
                    ? 0
                    : Math.floorMod(at, period) < length
                        ? Math.floorMod(at, period)
                        : period - Math.floorMod(at, period);
            default -> throw c.refuse("mode '" + mode + "' is not known");
          };
    }
    return places;
  }

  /** Cut or padded on both sides alike, of an odd number more behind. */
  static OnnxTensor centre(Call c) {
    notTexts(c);
    Tensor x = c.t(0);
    int rank = x.shape().rank();
    int[] sizes = c.ints(1);
    int[] axes = c.attrInts("axes", IntStream.range(0, rank).toArray());
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int i = 0; i < sizes.length; i++) {
      int d = c.axis(axes[i], rank);
      int more = sizes[i] - x.dim(d);
      before[d] = more < 0 ? -(-more / 2) : more / 2;
      after[d] = more - before[d];
    }
    return c.like(0, constant(x, before, after, 0));
  }
}
