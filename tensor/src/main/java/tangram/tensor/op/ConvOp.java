package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Buffer;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Window;

/**
 * Convolution (cross-correlation, as in PyTorch) in one, two or three dimensions, and transposed
 * convolution, which is the gradient of a convolution with respect to its input.
 */
public final class ConvOp {
  private static final double[] NONE = {};
  private static final Formula ADD = Formula.of((a, b) -> a.add(b));

  private ConvOp() {}

  /** Convolves planes with the same stride and padding in both directions; see {@link #conv}. */
  public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding) {
    return conv(2, x, weight, bias, ConvOptions.DEFAULT.stride(stride).padding(padding));
  }

  /**
   * Convolves.
   *
   * @param rank spatial dimensions, 1 to 3
   * @param x [N, C, ...], or [C, ...] of one image
   * @param weight [K, C / groups, ...]
   * @param bias [K], or null
   * @return [N, K, ...], along each dimension {@code (size + begin + end - dilation * (kernel - 1)
   *     - 1) / stride + 1}
   */
  public static Tensor conv(int rank, Tensor x, Tensor weight, Tensor bias, ConvOptions options) {
    return apply(rank, false, x, weight, bias, options);
  }

  /**
   * Convolves transposed.
   *
   * @param rank spatial dimensions, 1 to 3
   * @param x [N, C, ...], or [C, ...] of one image
   * @param weight [C, K / groups, ...]
   * @param bias [K], or null
   * @return [N, K, ...], along each dimension {@code (size - 1) * stride - begin - end + dilation *
   *     (kernel - 1) + outputPadding + 1}
   */
  public static Tensor convTranspose(
      int rank, Tensor x, Tensor weight, Tensor bias, ConvOptions options) {
    return apply(rank, true, x, weight, bias, options);
  }

  static Buffer buffer(Tensor x) {
    return x == null ? null : x.buffer();
  }

  private static Tensor apply(
      int rank, boolean transposed, Tensor x, Tensor weight, Tensor bias, ConvOptions options) {
    String name = (transposed ? "convTranspose" : "conv") + rank + "d";
    check(name, rank, x, weight, bias, transposed ? options.groups() : 0);
    if (x.shape().rank() == rank + 1) {
      return apply(rank, transposed, x.unsqueeze(0), weight, bias, options).squeeze(0);
    }
    Plan plan = plan(name, rank, transposed, x, weight, options);
    ConvShape shape = plan.shape;
    Tensor y = x.device().uninitialized(x.type(), plan.out);
    if (y.size() > 0) {
      forward(shape, transposed, x, weight, bias, y);
    }
    Tracer.current().conv(x, weight, bias, options, transposed, y);
    return record(name, shape, transposed, x, weight, bias, y);
  }

  /** What to call and the shape of the output. */
  record Plan(ConvShape shape, Shape out) {}

  static Plan plan(
      String name, int rank, boolean transposed, Tensor x, Tensor weight, ConvOptions options) {
    int groups = options.groups();
    int inputs = transposed ? weight.dim(0) : weight.dim(1) * groups;
    int outputs = transposed ? weight.dim(1) * groups : weight.dim(0);
    Checks.that(
        groups > 0 && x.dim(1) == inputs && weight.dim(0) % groups == 0,
        () ->
            "%s: weights %s for an input of %s%s; their channels do not agree"
                .formatted(
                    name,
                    weight.shape(),
                    x.shape(),
                    groups == 1 ? "" : " in " + groups + " groups"));
    Window[] windows = {Window.NONE, Window.NONE, Window.NONE};
    int[] out = new int[rank + 2];
    out[0] = x.dim(0);
    out[1] = outputs;
    for (int d = 0; d < rank; d++) {
      Window window = window(name, rank, transposed, x, weight, options, d);
      windows[3 - rank + d] = window;
      out[2 + d] = transposed ? window.size() : window.out();
    }
    ConvShape shape =
        new ConvShape(
            Math.max(1, x.dim(0)),
            transposed ? outputs : inputs,
            weight.dim(0),
            groups,
            windows[0],
            windows[1],
            windows[2]);
    return new Plan(shape, Shape.of(out));
  }

  /** The window along a dimension, of a transposed convolution that of its gradient. */
  private static Window window(
      String name,
      int rank,
      boolean transposed,
      Tensor x,
      Tensor weight,
      ConvOptions options,
      int d) {
    int length = x.dim(2 + d);
    int kernel = weight.dim(2 + d);
    int stride = Windows.at(name, "stride", options.stride(), d, rank, 1);
    int begin = Windows.at(name, "padding", options.begin(), d, rank, 0);
    int end = Windows.at(name, "padding", options.end(), d, rank, 0);
    int dilation = Windows.at(name, "dilation", options.dilation(), d, rank, 1);
    if (!transposed) {
      return Windows.of(name, x.shape(), length, kernel, stride, begin, end, dilation);
    }
    int more = Windows.at(name, "output padding", options.outputPadding(), d, rank, 0);
    int size = (length - 1) * stride - begin - end + dilation * (kernel - 1) + 1 + more;
    Checks.that(
        more < Math.max(stride, dilation) && size > 0 && length > 0,
        () ->
            ("%s: no output of %s elements with output padding %s, from an input %s by weights %s;"
                    + " output padding has to be below stride or dilation, and the output not empty")
                .formatted(name, size, more, x.shape(), weight.shape()));
    return new Window(size, kernel, stride, begin, end - more, dilation);
  }

  private static void forward(
      ConvShape shape, boolean transposed, Tensor x, Tensor weight, Tensor bias, Tensor y) {
    var kernels = x.device().kernels();
    Convolution convolution = kernels.convolution();
    if (!transposed) {
      convolution.convolution(shape, x.buffer(), weight.buffer(), buffer(bias), y.buffer());
      return;
    }
    convolution.convolutionInputGradient(shape, x.buffer(), weight.buffer(), y.buffer());
    if (bias != null) {
      View all = View.dense(y.type(), y.buffer(), y.dim(0), y.dim(1), shape.inputVolume());
      View b = View.dense(bias.type(), bias.buffer(), 1, y.dim(1), 1).expand(all.dims());
      kernels.maps().map(ADD, NONE, new View[] {all, b}, all);
    }
  }

  private static Tensor record(
      String name,
      ConvShape shape,
      boolean transposed,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor y) {
    var kernels = x.device().kernels();
    return Autograd.record(
        name + "(x, weight, bias)",
        y,
        new Tensor[] {x, weight, bias},
        new Tensor[] {x, weight},
        gy -> {
          Convolution convolution = kernels.convolution();
          boolean empty = y.size() == 0;
          Tensor gx = null;
          Tensor gw = null;
          Tensor gb = null;
          if (x.requiresGrad()) {
            gx = Checks.like(x);
            if (empty) {
              gx.fill(0);
            } else if (transposed) {
              convolution.convolution(shape, gy.buffer(), weight.buffer(), null, gx.buffer());
            } else {
              convolution.convolutionInputGradient(
                  shape, gy.buffer(), weight.buffer(), gx.buffer());
            }
          }
          if (weight.requiresGrad()) {
            gw = Checks.like(weight);
            if (empty) {
              gw.fill(0);
            } else {
              convolution.convolutionWeightGradient(
                  shape,
                  (transposed ? gy : x).buffer(),
                  (transposed ? x : gy).buffer(),
                  gw.buffer());
            }
          }
          if (bias != null && bias.requiresGrad()) {
            gb = Checks.like(bias);
            int k = gb.size();
            int volume = transposed ? shape.inputVolume() : shape.outputVolume();
            View of = View.dense(gy.type(), gy.buffer(), gy.dim(0), k, volume);
            FoldOp.sum(kernels, of, View.dense(gb.type(), gb.buffer(), 1, k, 1));
          }
          return new Tensor[] {gx, gw, gb};
        });
  }

  static void check(String name, int rank, Tensor x, Tensor weight, Tensor bias, int groups) {
    Checks.alike(name, x, weight, bias);
    Windows.rank(name, rank, x);
    Checks.that(weight != null, () -> name + " needs weights, not null");
    Checks.rank(name + " weights", weight, rank + 2);
    Checks.that(weight.size() > 0, () -> name + ": weights without elements, " + weight.shape());
    int outputs = groups == 0 ? weight.dim(0) : weight.dim(1) * groups;
    Checks.that(
        bias == null || bias.shape().equals(Shape.of(outputs)),
        () -> name + ": one bias for each of " + outputs + " channels, not " + bias.shape());
  }
}
