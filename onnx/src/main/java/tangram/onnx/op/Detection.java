package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Boxes of things in images. */
final class Detection {
  private Detection() {}

  static void register(Operators table) {
    table.one("NonMaxSuppression", Detection::suppress);
    table.one("RoiAlign", Detection::align);
    table.one("MaxRoiPool", Detection::pool);
  }

  /** Boxes [N, boxes, 4] by scores [N, classes, boxes], without those that overlap better ones. */
  private static OnnxTensor suppress(Call c) {
    double[] boxes = c.in(0).doubles();
    double[] scores = c.in(1).doubles();
    int[] dims = c.in(1).dims();
    int count = dims[2];
    long most = c.has(2) ? c.integer(2) : 0;
    double overlap = c.number(3, 0);
    boolean centred = c.flag("center_point_box");
    List<long[]> chosen = new ArrayList<>();
    for (int n = 0; n < dims[0]; n++) {
      double[][] corners = new double[count][];
      for (int i = 0; i < count; i++) {
        corners[i] = corners(boxes, (n * count + i) * 4, centred);
      }
      for (int k = 0; k < dims[1]; k++) {
        int from = (n * dims[1] + k) * count;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          if (!c.has(4) || scores[from + i] > c.number(4)) {
            order.add(i);
          }
        }
        // Stable: of equal ones the first is better.
        order.sort((a, b) -> Double.compare(scores[from + b], scores[from + a]));
        List<Integer> kept = new ArrayList<>();
        for (int i : order) {
          if (kept.size() >= most) {
            break;
          }
          if (kept.stream().noneMatch(j -> overlap(corners[i], corners[j]) > overlap)) {
            kept.add(i);
            chosen.add(new long[] {n, k, i});
          }
        }
      }
    }
    long[] flat = chosen.stream().flatMapToLong(Arrays::stream).toArray();
    return c.result(ElementType.INT64, flat, chosen.size(), 3);
  }

  /** Least and greatest coordinates, two of each. */
  private static double[] corners(double[] b, int at, boolean centred) {
    if (centred) {
      double x = b[at];
      double y = b[at + 1];
      double w = b[at + 2] / 2;
      double h = b[at + 3] / 2;
      return new double[] {y - h, x - w, y + h, x + w};
    }
    return new double[] {
      Math.min(b[at], b[at + 2]),
      Math.min(b[at + 1], b[at + 3]),
      Math.max(b[at], b[at + 2]),
      Math.max(b[at + 1], b[at + 3])
    };
  }

  private static double overlap(double[] a, double[] b) {
    double h = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
    double w = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
    double both = h * w;
    double all = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both;
    return all <= 0 ? 0 : both / all;
  }

  /** Elements sampled in a grid of each box. Source: He et al. 2017, Mask R-CNN. */
  private static OnnxTensor align(Call c) {
    Tensor x = c.real(0);
    double[] rois = c.in(1).doubles();
    long[] batch = c.longs(2);
    String mode = c.attr("mode", "avg").toLowerCase(Locale.ROOT);
    boolean largest = mode.equals("max");
    if (!largest && !mode.equals("avg")) {
      throw c.refuse("mode is avg or max");
    }
    int high = (int) c.attr("output_height", 1);
    int wide = (int) c.attr("output_width", 1);
    double scale = c.attr("spatial_scale", 1.0);
    int ratio = (int) c.attr("sampling_ratio", 0);
    String half = c.version() < 16 ? "output_half_pixel" : "half_pixel";
    boolean shifted =
        c.attr("coordinate_transformation_mode", half)
            .toLowerCase(Locale.ROOT)
            .equals("half_pixel");
    int channels = x.dim(1);
    int h = x.dim(2);
    int w = x.dim(3);
    Tensor rows = x.permute(0, 2, 3, 1).reshape(x.dim(0) * h * w, channels);
    Tensor[] results = new Tensor[batch.length];
    for (int r = 0; r < results.length; r++) {
      double[] box = new double[4];
      for (int i = 0; i < 4; i++) {
        box[i] = rois[4 * r + i] * scale - (shifted ? 0.5 : 0);
      }
      double least = shifted ? Double.NEGATIVE_INFINITY : 1;
      double stepY = Math.max(box[3] - box[1], least) / high;
      double stepX = Math.max(box[2] - box[0], least) / wide;
      int gridY = ratio > 0 ? ratio : (int) Math.ceil(stepY);
      int gridX = ratio > 0 ? ratio : (int) Math.ceil(stepX);
      int samples = Math.max(0, gridY) * Math.max(0, gridX);
      long[] places = new long[high * wide * samples * 4];
      double[] weights = new double[places.length];
      int at = 0;
      for (int bin = 0; bin < high * wide; bin++) {
        for (int s = 0; s < samples; s++, at += 4) {
          double py = box[1] + (bin / wide + (s / gridX + 0.5) / gridY) * stepY;
          double px = box[0] + (bin % wide + (s % gridX + 0.5) / gridX) * stepX;
          corners(places, weights, at, batch[r] * h * w, py, px, h, w);
        }
      }
      if (samples == 0) {
        results[r] = x.device().zeros(x.type(), Shape.of(channels, high, wide));
        continue;
      }
      Tensor index = Moves.index(x.device(), places, places.length);
      Tensor weight =
          x.device().uninitialized(x.type(), Shape.of(places.length, 1)).copyFrom(weights, 0);
      Tensor values =
          rows.indexSelect(0, index).mul(weight).reshape(high * wide, samples * 4, channels);
      Tensor pooled = largest ? values.max(1) : values.sum(1).div(samples);
      results[r] = pooled.t().reshape(channels, high, wide);
    }
    return c.like(
        0,
        results.length == 0
            ? x.device().zeros(x.type(), Shape.of(0, channels, high, wide))
            : Tensor.stack(0, results));
  }

  /** The four elements around a place, with their weights; 0 far outside. */
  private static void corners(
      long[] places, double[] weights, int at, long from, double y, double x, int h, int w) {
    if (y < -1 || y > h || x < -1 || x > w) {
      return;
    }
    double cy = Math.max(0, Math.min(y, h - 1));
    double cx = Math.max(0, Math.min(x, w - 1));
    int top = (int) cy;
    int left = (int) cx;
    for (int i = 0; i < 4; i++) {
      int row = Math.min(top + i / 2, h - 1);
      int column = Math.min(left + i % 2, w - 1);
      double fy = cy - top;
      double fx = cx - left;
      places[at + i] = from + (long) row * w + column;
      weights[at + i] = (i / 2 == 1 ? fy : 1 - fy) * (i % 2 == 1 ? fx : 1 - fx);
    }
  }

  /** Largest elements of the parts of each box. Source: Girshick 2015, Fast R-CNN. */
  private static OnnxTensor pool(Call c) {
    Tensor x = c.real(0);
    double[] rois = c.in(1).doubles();
    int[] shape = c.attrInts("pooled_shape");
    double scale = c.attr("spatial_scale", 1.0);
    int count = rois.length / 5;
    Tensor zero = x.device().zeros(x.type(), Shape.of(x.dim(1)));
    Tensor[] results = new Tensor[count];
    for (int r = 0; r < count; r++) {
      Tensor image = x.select(0, (int) rois[5 * r]);
      int left = (int) Math.round(rois[5 * r + 1] * scale);
      int top = (int) Math.round(rois[5 * r + 2] * scale);
      int wide = Math.max(1, (int) Math.round(rois[5 * r + 3] * scale) - left + 1);
      int high = Math.max(1, (int) Math.round(rois[5 * r + 4] * scale) - top + 1);
      Tensor[] bins = new Tensor[shape[0] * shape[1]];
      for (int i = 0; i < bins.length; i++) {
        int[] rows = bin(i / shape[1], top, high, shape[0], x.dim(2));
        int[] columns = bin(i % shape[1], left, wide, shape[1], x.dim(3));
        bins[i] =
            rows[1] <= rows[0] || columns[1] <= columns[0]
                ? zero
                : image.slice(1, rows[0], rows[1]).slice(2, columns[0], columns[1]).max(1, 2);
      }
      results[r] = Tensor.stack(1, bins).reshape(x.dim(1), shape[0], shape[1]);
    }
    return c.like(0, Tensor.stack(0, results));
  }

  private static int[] bin(int i, int start, int length, int bins, int limit) {
    double step = (double) length / bins;
    int from = (int) Math.floor(i * step) + start;
    int to = (int) Math.ceil((i + 1) * step) + start;
    return new int[] {Math.max(0, Math.min(limit, from)), Math.max(0, Math.min(limit, to))};
  }
}
