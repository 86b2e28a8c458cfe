package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Elements between elements of images, at places that are computed. */
final class Sampling {
  private static final double CUBIC = -0.75;

  private Sampling() {}

  static void register(Operators table) {
    table.one("GridSample", Sampling::grid);
    table.one("AffineGrid", Sampling::affine);
  }

  /** What lies beyond the border of an image. */
  enum Beyond {
    ZEROS,
    BORDER,
    /** Mirrored at the centres of the outermost elements. */
    REFLECTION_OF_CENTRES,
    /** Mirrored at the outer edges of the outermost elements. */
    REFLECTION_OF_EDGES
  }

  /**
   * Linear between the neighbours, 0 outside.
   *
   * @param x [N, C, D1, ...]
   * @param places along each dimension, [N, count]
   * @return [N, C, count]; gradients by all
   */
  static Tensor linear(Tensor x, Tensor... places) {
    return taps(x, 2, Beyond.ZEROS, places);
  }

  /** A sum over the neighbours: one, two or four along each dimension. */
  private static Tensor taps(Tensor x, int each, Beyond beyond, Tensor... places) {
    int rank = places.length;
    Tensor[] whole = new Tensor[rank];
    Tensor[][] weights = new Tensor[rank][];
    for (int d = 0; d < rank; d++) {
      whole[d] = each == 1 ? places[d].detach().round() : places[d].detach().floor();
      weights[d] = weights(each, places[d].sub(whole[d]));
    }
    int[] counts = new int[rank];
    Arrays.fill(counts, each);
    Tensor sum = null;
    for (int i = 0; i < Moves.size(counts, 0, rank); i++) {
      int[] tap = Moves.indices(i, counts);
      Tensor[] at = new Tensor[rank];
      Tensor weight = null;
      for (int d = 0; d < rank; d++) {
        at[d] = whole[d].add(tap[d] - (each == 4 ? 1 : 0));
        Tensor own = weights[d][tap[d]];
        weight = weight == null || own == null ? own : weight.mul(own);
      }
      Tensor part = at(x, beyond, at);
      part = weight == null ? part : part.mul(weight.unsqueeze(1));
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
  }

  private static Tensor[] weights(int each, Tensor t) {
    return switch (each) {
      case 1 -> new Tensor[] {null};
      case 2 -> new Tensor[] {t.rsub(1), t};
      default -> new Tensor[] {far(t.add(1)), near(t), near(t.rsub(1)), far(t.rsub(2))};
    };
  }

  /** Keys's filter at a distance of at most 1. */
  private static Tensor near(Tensor t) {
    return t.mul(CUBIC + 2).sub(CUBIC + 3).mul(t).mul(t).add(1);
  }

  /** The same at a distance of 1 to 2. */
  private static Tensor far(Tensor t) {
    return t.mul(CUBIC).sub(5 * CUBIC).mul(t).add(8 * CUBIC).mul(t).sub(4 * CUBIC);
  }

  /** Elements at whole places. */
  private static Tensor at(Tensor x, Beyond beyond, Tensor... places) {
    Tensor inside = null;
    Tensor place = null;
    int size = 1;
    for (int d = 0; d < places.length; d++) {
      int length = x.dim(d + 2);
      size *= length;
      Tensor p = places[d];
      if (beyond == Beyond.ZEROS) {
        Tensor in = p.ge(0).logicalAnd(p.le(length - 1));
        inside = inside == null ? in : inside.logicalAnd(in);
      } else {
        p = brought(p, length, beyond);
      }
      // Also of NaN and what rounding leaves outside.
      p =
          Tensor.where(p.isFinite(), p, p.device().zeros(p.type(), Shape.of()))
              .clamp(0, length - 1);
      p = p.floor();
      place = place == null ? p : place.mul(length).add(p);
    }
    int n = x.dim(0);
    int channels = x.dim(1);
    int count = place.dim(1);
    Tensor index = place.to(x.device().has(DType.I64) ? DType.I64 : DType.I32);
    Tensor values =
        x.reshape(n, channels, size).gather(2, index.unsqueeze(1).expand(n, channels, count));
    return inside == null ? values : values.mul(inside.to(x.type()).unsqueeze(1));
  }

  /** Places brought into the image. */
  private static Tensor brought(Tensor p, int length, Beyond beyond) {
    if (beyond == Beyond.ZEROS) {
      return p;
    }
    if (beyond == Beyond.BORDER) {
      return p.clamp(0, length - 1);
    }
    double least = beyond == Beyond.REFLECTION_OF_CENTRES ? 0 : -0.5;
    double span = length - 1 - 2 * least;
    if (span == 0) {
      return p.mul(0);
    }
    // Back and forth: a triangle of twice the span.
    Tensor way = p.sub(least).remainder(2 * span);
    return way.minimum(way.rsub(2 * span)).add(least);
  }

  private static OnnxTensor grid(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1));
    Tensor x = t[0];
    int rank = x.shape().rank() - 2;
    int n = x.dim(0);
    boolean corners = c.flag("align_corners");
    Beyond beyond =
        switch (c.attr("padding_mode", "zeros")) {
          case "zeros" -> Beyond.ZEROS;
          case "border" -> Beyond.BORDER;
          case "reflection" -> corners ? Beyond.REFLECTION_OF_CENTRES : Beyond.REFLECTION_OF_EDGES;
          default -> throw c.refuse("padding_mode is zeros, border or reflection");
        };
    int each =
        switch (c.attr("mode", "linear")) {
          case "nearest" -> 1;
          case "linear", "bilinear" -> 2;
          case "cubic", "bicubic" -> 4;
          default -> throw c.refuse("mode is nearest, linear or cubic");
        };
    int[] out = new int[rank + 2];
    out[0] = n;
    out[1] = x.dim(1);
    System.arraycopy(t[1].shape().dims(), 1, out, 2, rank);
    int count = Moves.size(out, 2, rank + 2);
    Tensor grid = t[1].to(x.type()).reshape(n, count, rank);
    Tensor[] places = new Tensor[rank];
    for (int d = 0; d < rank; d++) {
      // The last coordinate is the first dimension's.
      Tensor g = grid.select(2, rank - 1 - d).add(1);
      int length = x.dim(d + 2);
      Tensor place = corners ? g.mul((length - 1) / 2.0) : g.mul(length / 2.0).sub(0.5);
      places[d] = each == 4 ? place : brought(place, length, beyond);
    }
    return c.like(0, taps(x, each, beyond, places).reshape(out));
  }

  private static OnnxTensor affine(Call c) {
    Tensor theta = c.real(0);
    int[] size = c.ints(1);
    int rank = size.length - 2;
    if (rank < 2 || rank > 3) {
      throw c.refuse("it has 2 or 3 spatial dimensions, not " + rank);
    }
    boolean corners = c.flag("align_corners");
    int[] dims = Arrays.copyOfRange(size, 2, size.length);
    int count = Moves.size(dims, 0, rank);
    double[] base = new double[count * (rank + 1)];
    for (int i = 0; i < count; i++) {
      int[] at = Moves.indices(i, dims);
      for (int d = 0; d < rank; d++) {
        int length = dims[d];
        double step = corners ? 2.0 / Math.max(1, length - 1) : 2.0 / length;
        base[i * (rank + 1) + rank - 1 - d] = -1 + (corners ? 0 : step / 2) + at[d] * step;
      }
      base[i * (rank + 1) + rank] = 1;
    }
    Tensor points =
        theta.device().uninitialized(theta.type(), Shape.of(count, rank + 1)).copyFrom(base, 0);
    int[] result = new int[rank + 2];
    result[0] = size[0];
    System.arraycopy(dims, 0, result, 1, rank);
    result[rank + 1] = rank;
    return c.like(0, points.matmul(theta.transpose(1, 2)).reshape(result));
  }
}
