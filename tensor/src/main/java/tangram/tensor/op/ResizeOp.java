package tangram.tensor.op;

import java.util.List;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.op.ResizeOptions.Coordinates;
import tangram.tensor.op.ResizeOptions.Mode;

/**
 * Resizing of the last dimensions, one to three: along each a product with a sparse matrix.
 * Sources: the operator Resize of ONNX 19 and PyTorch's {@code interpolate}.
 */
public final class ResizeOp {
  private ResizeOp() {}

  /** Doubles height and width of [N, C, H, W], {@code y[.., i, j] = x[.., i / 2, j / 2]}. */
  public static Tensor upsampleNearest2x(Tensor x) {
    Checks.rank("upsample", x, 4);
    return resize(x, null, new double[] {2, 2}, ResizeOptions.NEAREST);
  }

  /** Resizes height and width of [N, C, H, W] by PyTorch's bilinear interpolation. */
  public static Tensor bilinear(Tensor x, int outH, int outW) {
    Checks.rank("resize", x, 4);
    return resize(x, new int[] {outH, outW}, null, ResizeOptions.LINEAR);
  }

  /**
   * Resizes.
   *
   * @param sizes the new sizes of the last dimensions; null for {@code floor(size * scale)}
   * @param scales by how much these grow; null for new size / size
   */
  public static Tensor resize(Tensor x, int[] sizes, double[] scales, ResizeOptions options) {
    Checks.alike("resize", x);
    Checks.notEmpty("resize", x);
    Checks.that(sizes != null || scales != null, () -> "resize needs sizes or scales");
    int rank = sizes == null ? scales.length : sizes.length;
    Checks.that(
        rank >= 1 && rank <= 3 && rank <= x.shape().rank(),
        () ->
            "resize: " + rank + " sizes for a tensor of shape " + x.shape() + "; one to three fit");
    Checks.that(
        scales == null || scales.length == rank,
        () -> "resize: " + scales.length + " scales for " + rank + " sizes");
    AxisMatrix.Pair[] axes = new AxisMatrix.Pair[rank];
    int[] to = new int[rank];
    boolean[][] outside = new boolean[rank][];
    boolean some = false;
    for (int d = 0; d < rank; d++) {
      int in = x.dim(d - rank);
      int out = sizes == null ? (int) Math.floor(in * scales[d]) : sizes[d];
      Checks.that(out > 0, () -> "resize of " + x.shape() + " to " + out + " elements");
      Shape.of(x.size() / in, out);
      to[d] = out;
      double scale = scales == null ? (double) out / in : scales[d];
      Axis axis = new Axis(in, out, scale, options, d, rank);
      axes[d] =
          axis.isCopy()
              ? AxisMatrix.Pair.identity(in)
              : AxisMatrix.Pair.of(
                  x, List.of(ResizeOp.class, in, out, scale, options, d, rank), axis::matrix);
      outside[d] = axis.outside();
      for (boolean o : outside[d]) {
        some |= o;
      }
    }
    Tensor y = AxisMatrix.apply("resize", x, axes);
    if (some && options.extrapolation() != 0) {
      y = y.add(extrapolated(x, to, outside, options.extrapolation()));
    }
    Tracer.current().resize(x, scales, options, y);
    return y;
  }

  /** The value at places beyond the border along some dimension, 0 elsewhere. */
  private static Tensor extrapolated(Tensor x, int[] to, boolean[][] outside, double value) {
    double[] values = new double[Shape.of(to).size()];
    for (int i = 0; i < values.length; i++) {
      for (int d = to.length - 1, rest = i; d >= 0; rest /= to[d], d--) {
        if (outside[d][rest % to[d]]) {
          values[i] = value;
        }
      }
    }
    return x.device().uninitialized(x.type(), Shape.of(to)).copyFrom(values, 0);
  }

  /** One dimension. */
  private record Axis(int in, int out, double scale, ResizeOptions options, int d, int rank) {
    /** Whether every element stays as it is. */
    boolean isCopy() {
      return in == out
          && scale == 1
          && options.mode() == Mode.NEAREST
          && options.rounding() == ResizeOptions.Rounding.FLOOR
          && options.coordinates() != Coordinates.TF_CROP_AND_RESIZE;
    }

    /** Where element o of the output lies in the input. */
    double place(int o) {
      return switch (options.coordinates()) {
        case HALF_PIXEL -> (o + 0.5) / scale - 0.5;
        case HALF_PIXEL_SYMMETRIC -> {
          double centre = in / 2.0;
          yield centre * (1 - out / (in * scale)) + (o + 0.5) / scale - 0.5;
        }
        case PYTORCH_HALF_PIXEL -> out > 1 ? (o + 0.5) / scale - 0.5 : 0;
        case ALIGN_CORNERS -> out > 1 ? o * (in - 1.0) / (out - 1) : 0;
        case ASYMMETRIC -> o / scale;
        case TF_HALF_PIXEL_FOR_NN -> (o + 0.5) / scale;
        case TF_CROP_AND_RESIZE -> {
          double start = options.region().get(d);
          double end = options.region().get(rank + d);
          yield out > 1
              ? start * (in - 1) + o * (end - start) * (in - 1) / (out - 1)
              : 0.5 * (start + end) * (in - 1);
        }
      };
    }

    /** Which elements of the output lie beyond the border. */
    boolean[] outside() {
      boolean[] outside = new boolean[out];
      for (int o = 0; o < out && options.coordinates() == Coordinates.TF_CROP_AND_RESIZE; o++) {
        outside[o] = place(o) < 0 || place(o) > in - 1;
      }
      return outside;
    }

    AxisMatrix matrix() {
      AxisMatrix matrix = new AxisMatrix(out, in);
      boolean[] outside = outside();
      for (int o = 0; o < out; o++) {
        if (outside[o]) {
          continue;
        }
        if (options.mode() == Mode.NEAREST) {
          matrix.add(o, Math.clamp(nearest(o), 0, in - 1), 1);
        } else {
          filter(o, matrix);
        }
      }
      return matrix;
    }

    /** Coordinates in single precision, as PyTorch and ONNX Runtime have them. */
    private int nearest(int o) {
      float step = (float) (1 / scale);
      float x =
          switch (options.coordinates()) {
            case ASYMMETRIC -> o * step;
            case TF_HALF_PIXEL_FOR_NN -> (o + 0.5f) * step;
            default -> (float) place(o);
          };
      return (int)
          switch (options.rounding()) {
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND_PREFER_FLOOR -> Math.ceil(x - 0.5);
            case ROUND_PREFER_CEIL -> Math.floor(x + 0.5);
          };
    }

    private void filter(int o, AxisMatrix matrix) {
      double x = place(o);
      double stretch = options.antialias() ? Math.max(1, 1 / scale) : 1;
      double support = (options.mode() == Mode.LINEAR ? 1 : 2) * stretch;
      int first = (int) Math.floor(x) - (int) Math.ceil(support) + 1;
      int last = (int) Math.floor(x) + (int) Math.ceil(support);
      double[] weights = new double[last - first + 1];
      double sum = 0;
      for (int i = first; i <= last; i++) {
        boolean counts = !options.excludeOutside() || i >= 0 && i < in;
        weights[i - first] = counts ? weight((i - x) / stretch) : 0;
        sum += weights[i - first];
      }
      double divisor = options.excludeOutside() || options.antialias() ? sum : 1;
      for (int i = first; i <= last; i++) {
        if (!options.excludeOutside() || i >= 0 && i < in) {
          matrix.add(o, Math.clamp(i, 0, in - 1), weights[i - first] / divisor);
        }
      }
    }

    private double weight(double distance) {
      double t = Math.abs(distance);
      if (options.mode() == Mode.LINEAR) {
        return Math.max(0, 1 - t);
      }
      double a = options.cubic();
      if (t <= 1) {
        return ((a + 2) * t - (a + 3)) * t * t + 1;
      }
      return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
    }
  }
}
