package tangram.tensor.op;

import java.util.Arrays;
import java.util.List;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.PoolShape.Axis;
import tangram.tensor.kernel.Window;

/**
 * Pooling in one to three dimensions, of [N, C, ...], or [C, ...] of one image, as PyTorch's. The
 * gradient of a maximum goes to the first largest element of its window.
 */
public final class PoolOp {
  private PoolOp() {}

  /** Largest elements of planes; windows, strides and padding are square. */
  public static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding) {
    return maxPool(2, x, PoolOptions.of(kernel).stride(stride).padding(padding));
  }

  /** Largest elements. */
  public static Tensor maxPool(int rank, Tensor x, PoolOptions options) {
    Tensor[] result = maxima("maxPool" + rank + "d", x, slide("maxPool", rank, x, options), false);
    Tracer.current().maxPool(rank, x, options, result[0]);
    return result[0];
  }

  /** Largest elements, and where they are among the positions of their channel. */
  public static Tensor[] maxPoolWithIndices(int rank, Tensor x, PoolOptions options) {
    Tensor[] y = maxima("maxPool" + rank + "d", x, slide("maxPool", rank, x, options), true);
    Tracer.current().maxPoolWithIndices(rank, x, options, y[0], y[1]);
    return y;
  }

  /** Largest elements of as many parts as the output shall have; see {@link Axis}. */
  public static Tensor adaptiveMaxPool(int rank, Tensor x, int... out) {
    Axis[] axes = adaptive(rank, x, out);
    return Tracer.isStarted()
        ? composed(x, axes)
        : maxima("adaptiveMaxPool" + rank + "d", x, axes, false)[0];
  }

  /** The same, of operations that tracers know. */
  private static Tensor composed(Tensor x, Axis[] axes) {
    Tensor y = x;
    for (int k = 0; k < 3; k++) {
      if (axes[k] != Axis.NONE) {
        Axis axis = axes[k];
        int d = k - 3;
        Tensor whole = y;
        Tensor[] parts = new Tensor[axis.out()];
        Arrays.setAll(
            parts,
            o ->
                whole
                    .narrow(d, axis.first(o), axis.end(o) - axis.first(o))
                    .max(new int[] {d}, true));
        y = JoinOp.cat(d, parts);
      }
    }
    return y;
  }

  /** As {@link #adaptiveMaxPool}, with their places. */
  public static Tensor[] adaptiveMaxPoolWithIndices(int rank, Tensor x, int... out) {
    return maxima("adaptiveMaxPool" + rank + "d", x, adaptive(rank, x, out), true);
  }

  /** Averages. */
  public static Tensor avgPool(int rank, Tensor x, PoolOptions options) {
    String name = "avgPool" + rank + "d";
    Axis[] axes = slide("avgPool", rank, x, options);
    AxisMatrix.Pair[] matrices = new AxisMatrix.Pair[rank];
    for (int d = 0; d < rank; d++) {
      Window window = axes[3 - rank + d].window();
      // Ceiling mode made the window's end fit; what counts as padding is the caller's.
      int padded = window.size() + Windows.at(name, "padding", options.end(), d, rank, 0);
      boolean include = options.countIncludePad();
      int divisor = options.divisorOverride();
      double weight = divisor == 0 ? 0 : d == rank - 1 ? 1.0 / divisor : 1;
      matrices[d] =
          AxisMatrix.Pair.of(
              x,
              List.of(PoolOp.class, window, padded, include, weight),
              () -> averages(window, padded, include, weight));
    }
    Tensor y = AxisMatrix.apply(name, x, matrices);
    Tracer.current().averagePool(rank, x, options, y);
    return y;
  }

  /** The average of every window; with a weight that is not 0, elements times it. */
  private static AxisMatrix averages(Window window, int padded, boolean include, double weight) {
    Axis axis = new Axis(window);
    AxisMatrix matrix = new AxisMatrix(window.out(), window.size());
    for (int o = 0; o < window.out(); o++) {
      int start = window.input(o, 0);
      int count =
          include ? Math.min(start + window.kernel(), padded) - start : axis.end(o) - axis.first(o);
      for (int i = axis.first(o); i < axis.end(o); i++) {
        matrix.add(o, i, weight != 0 ? weight : 1.0 / count);
      }
    }
    return matrix;
  }

  /** Averages of as many parts as the output shall have; see {@link Axis}. */
  public static Tensor adaptiveAvgPool(int rank, Tensor x, int... out) {
    Axis[] axes = adaptive(rank, x, out);
    AxisMatrix.Pair[] matrices = new AxisMatrix.Pair[rank];
    for (int d = 0; d < rank; d++) {
      Axis axis = axes[3 - rank + d];
      matrices[d] =
          AxisMatrix.Pair.of(
              x,
              List.of(PoolOp.class, axis.size(), axis.out()),
              () -> {
                AxisMatrix matrix = new AxisMatrix(axis.out(), axis.size());
                for (int o = 0; o < axis.out(); o++) {
                  for (int i = axis.first(o); i < axis.end(o); i++) {
                    matrix.add(o, i, 1.0 / (axis.end(o) - axis.first(o)));
                  }
                }
                return matrix;
              });
    }
    Tensor y = AxisMatrix.apply("adaptiveAvgPool" + rank + "d", x, matrices);
    if (Arrays.stream(out).allMatch(size -> size == 1)) {
      Tracer.current().operation("globalAveragePool", y, new Tensor[] {x}, rank);
    }
    return y;
  }

  /**
   * The p-norm of every window, {@code (sum x^p)^(1/p)}; as PyTorch's, 0 where the sum is not
   * positive.
   */
  public static Tensor lpPool(int rank, Tensor x, double p, PoolOptions options) {
    Tensor sums = avgPool(rank, x.pow(p), options.countIncludePad(true).divisorOverride(1));
    return sums.relu().pow(1 / p);
  }

  /** The windows of the last three dimensions. */
  private static Axis[] slide(String operation, int rank, Tensor x, PoolOptions options) {
    String name = operation + rank + "d";
    Checks.alike(name, x);
    Windows.rank(name, rank, x);
    int[] strides = options.stride() == null ? options.kernel() : options.stride();
    Axis[] axes = {Axis.NONE, Axis.NONE, Axis.NONE};
    for (int d = 0; d < rank; d++) {
      int size = x.dim(d - rank);
      int kernel = Windows.at(name, "kernel", options.kernel(), d, rank, 1);
      int stride = Windows.at(name, "stride", strides, d, rank, 1);
      int begin = Windows.at(name, "padding", options.begin(), d, rank, 0);
      int end = Windows.at(name, "padding", options.end(), d, rank, 0);
      int dilation = Windows.at(name, "dilation", options.dilation(), d, rank, 1);
      int reach = dilation * (kernel - 1) + 1;
      Checks.that(
          begin <= reach / 2 && end <= reach / 2,
          () ->
              "%s: padding is at most half of a window, which reaches over %s elements, not %s"
                  .formatted(name, reach, Math.max(begin, end)));
      Window window = Windows.of(name, x.shape(), size, kernel, stride, begin, end, dilation);
      if (options.ceilMode()) {
        int out = (size + begin + end - reach + stride - 1) / stride + 1;
        if ((out - 1) * stride >= size + begin) {
          out--;
        }
        int last = (out - 1) * stride + reach - size - begin;
        window = new Window(size, kernel, stride, begin, last, dilation);
      }
      axes[3 - rank + d] = new Axis(window);
    }
    return axes;
  }

  private static Axis[] adaptive(int rank, Tensor x, int... out) {
    String name = "adaptive pooling";
    Checks.alike(name, x);
    Windows.rank(name, rank, x);
    int[] dims = x.shape().dims();
    Axis[] axes = {Axis.NONE, Axis.NONE, Axis.NONE};
    for (int d = 0; d < rank; d++) {
      int to = Windows.at(name, "output size", out, d, rank, 1);
      int size = x.dim(d - rank);
      Checks.that(size > 0, () -> name + " of no elements, in shape " + x.shape());
      axes[3 - rank + d] = Axis.adaptive(size, to);
      dims[dims.length - rank + d] = to;
    }
    Shape.of(dims);
    return axes;
  }

  private static Tensor[] maxima(String name, Tensor x, Axis[] axes, boolean indices) {
    int[] dims = x.shape().dims();
    int planes = x.size();
    for (int d = 0; d < 3; d++) {
      int at = dims.length - 3 + d;
      if (axes[d] != Axis.NONE) {
        planes /= dims[at];
        dims[at] = axes[d].out();
      }
    }
    PoolShape shape = new PoolShape(planes, axes[0], axes[1], axes[2]);
    var kernels = x.device().kernels().resampling();
    Tensor y = x.device().uninitialized(x.type(), Shape.of(dims));
    Tensor index = x.device().uninitialized(DType.I32, y.shape());
    if (y.size() > 0) {
      kernels.maxPool(shape, x.buffer(), y.buffer(), index.buffer());
    }
    Tensor places = null;
    if (indices) {
      DType type = x.device().indexType();
      places = index.type() == type ? index.copy() : index.to(type);
    }
    Autograd.record(
        name + "(x)",
        y,
        x,
        new Tensor[] {index},
        gy -> {
          Tensor gx = Checks.like(x);
          if (y.size() > 0) {
            kernels.maxPoolBackward(shape, gy.buffer(), index.buffer(), gx.buffer());
          }
          return gx;
        });
    return indices ? new Tensor[] {y, places} : new Tensor[] {y};
  }
}
