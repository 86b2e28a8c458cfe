package tangram.tensor.op;

import java.util.Arrays;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Reducer;
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
    String name = "conv" + rank + "d";
    check(name, rank, x, weight, bias, 0);
    if (x.shape().rank() == rank + 1) {
      return conv(rank, x.unsqueeze(0), weight, bias, options).squeeze(0);
    }
    int groups = options.groups();
    Checks.that(
        groups > 0 && x.dim(1) == weight.dim(1) * groups && weight.dim(0) % groups == 0,
        () -> channels(name, x, weight, groups));
    Window[] windows = new Window[3];
    Arrays.fill(windows, Window.NONE);
    int[] out = new int[rank + 2];
    for (int d = 0; d < rank; d++) {
      int size = x.dim(2 + d);
      int kernel = weight.dim(2 + d);
      int stride = Windows.at(name, "stride", options.stride(), d, rank, 1);
      int begin = Windows.at(name, "padding", options.begin(), d, rank, 0);
      int end = Windows.at(name, "padding", options.end(), d, rank, 0);
      int dilation = Windows.at(name, "dilation", options.dilation(), d, rank, 1);
      windows[3 - rank + d] =
          Windows.of(name, x.shape(), size, kernel, stride, begin, end, dilation);
      out[2 + d] = windows[3 - rank + d].out();
    }
    out[0] = x.dim(0);
    out[1] = weight.dim(0);
    ConvShape shape = shape(x.dim(0), x.dim(1), weight.dim(0), groups, windows);
    Tensor y = x.device().uninitialized(x.type(), Shape.of(out));
    if (y.size() > 0) {
      Convolution kernels = x.device().kernels().convolution();
      kernels.convolution(
          shape, x.buffer(), weight.buffer(), bias == null ? null : bias.buffer(), y.buffer());
    }
    Tracer.current().conv(x, weight, bias, options, false, y);
    return record(name, shape, false, x, weight, bias, y);
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
    String name = "convTranspose" + rank + "d";
    check(name, rank, x, weight, bias, options.groups());
    if (x.shape().rank() == rank + 1) {
      return convTranspose(rank, x.unsqueeze(0), weight, bias, options).squeeze(0);
    }
    int groups = options.groups();
    Checks.that(
        groups > 0 && x.dim(1) == weight.dim(0) && weight.dim(0) % groups == 0,
        () -> channels(name, x, weight, groups));
    Window[] windows = new Window[3];
    Arrays.fill(windows, Window.NONE);
    int[] out = new int[rank + 2];
    for (int d = 0; d < rank; d++) {
      int kernel = weight.dim(2 + d);
      int stride = Windows.at(name, "stride", options.stride(), d, rank, 1);
      int begin = Windows.at(name, "padding", options.begin(), d, rank, 0);
      int end = Windows.at(name, "padding", options.end(), d, rank, 0);
      int dilation = Windows.at(name, "dilation", options.dilation(), d, rank, 1);
      int more = Windows.at(name, "output padding", options.outputPadding(), d, rank, 0);
      int reach = dilation * (kernel - 1) + 1;
      int size = (x.dim(2 + d) - 1) * stride - begin - end + reach + more;
      Checks.that(
          more < Math.max(stride, dilation) && size > 0 && x.dim(2 + d) > 0,
          () ->
              "%s: no output of %s elements with output padding %s, from an input %s by weights %s; output padding has to be below stride or dilation, and the output not empty"
                  .formatted(name, size, more, x.shape(), weight.shape()));
      windows[3 - rank + d] = new Window(size, kernel, stride, begin, end - more, dilation);
      out[2 + d] = size;
    }
    out[0] = x.dim(0);
    out[1] = weight.dim(1) * groups;
    ConvShape shape = shape(x.dim(0), out[1], weight.dim(0), groups, windows);
    Tensor y = x.device().uninitialized(x.type(), Shape.of(out));
    if (y.size() > 0) {
      var kernels = x.device().kernels();
      kernels
          .convolution()
          .convolutionInputGradient(shape, x.buffer(), weight.buffer(), y.buffer());
      if (bias != null) {
        View channels =
            View.dense(y.type(), y.buffer(), out[0], out[1], y.size() / out[0] / out[1]);
        View b = View.dense(bias.type(), bias.buffer(), 1, out[1], 1).expand(channels.dims());
        kernels.maps().map(ADD, NONE, new View[] {channels, b}, channels);
      }
    }
    Tracer.current().conv(x, weight, bias, options, true, y);
    return record(name, shape, true, x, weight, bias, y);
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
            kernels
                .maps()
                .reduce(
                    Reducer.SUM,
                    Formula.IDENTITY,
                    NONE,
                    new View[] {of},
                    View.dense(gb.type(), gb.buffer(), 1, k, 1));
          }
          return new Tensor[] {gx, gw, gb};
        });
  }

  private static void check(
      String name, int rank, Tensor x, Tensor weight, Tensor bias, int groups) {
    Checks.alike(name, x, weight, bias);
    Windows.rank(name, rank);
    Checks.that(weight != null, () -> name + " needs weights, not null");
    Checks.that(
        x.shape().rank() == rank + 2 || x.shape().rank() == rank + 1,
        () ->
            "%s needs an input of %s dimensions, or %s without those of a batch, not %s"
                .formatted(name, rank + 2, rank + 1, x.shape()));
    Checks.rank(name + " weights", weight, rank + 2);
    Checks.that(weight.size() > 0, () -> name + ": weights without elements, " + weight.shape());
    int outputs = groups == 0 ? weight.dim(0) : weight.dim(1) * groups;
    Checks.that(
        bias == null || bias.shape().equals(Shape.of(outputs)),
        () -> name + ": one bias for each of " + outputs + " channels, not " + bias.shape());
  }

  private static String channels(String name, Tensor x, Tensor weight, int groups) {
    return "%s: weights %s for an input of %s%s; their channels do not agree"
        .formatted(name, weight.shape(), x.shape(), groups == 1 ? "" : " in " + groups + " groups");
  }

  private static ConvShape shape(int n, int c, int k, int groups, Window[] windows) {
    return new ConvShape(Math.max(1, n), c, k, groups, windows[0], windows[1], windows[2]);
  }
}
