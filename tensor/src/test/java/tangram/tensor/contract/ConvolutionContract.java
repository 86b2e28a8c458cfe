package tangram.tensor.contract;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.tensor.Buffer;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.kernel.Window;

/**
 * Convolutions of every kind that the networks use, and some that fit no tile: maps of 7x7, one
 * pixel, one row; primes; kernels larger than the image; rows that the stride never reaches.
 *
 * <p>The tolerance is twice the usual, which leaves room for Winograd's transforms.
 */
public abstract class ConvolutionContract extends KernelContract {
  private static final double TOLERANCE = 2e-5;

  /** Output, mean, variance; eps. */
  private static final Formula PLAIN =
      Formula.of(6, 1, (x, p) -> x[0].sub(x[1]).div(x[2].add(p[0]).sqrt()));

  /** Output, mean, variance, gamma, beta, residual; eps. */
  private static final Formula ALL =
      Formula.of(
          6,
          1,
          (x, p) -> x[0].sub(x[1]).div(x[2].add(p[0]).sqrt()).mul(x[3]).add(x[4]).add(x[5]).relu());

  @ParameterizedTest(name = "{0}x{1}x{2}x{3} to {4}, {5}x{6} stride {7} padding {8}")
  @CsvSource({
    // 1x1
    "1, 1, 1, 1, 1, 1, 1, 1, 0",
    "2, 3, 1, 1, 5, 1, 1, 1, 0",
    "1, 96, 7, 7, 5, 1, 1, 1, 0",
    "3, 17, 5, 11, 19, 1, 1, 1, 0",
    "2, 64, 8, 8, 33, 1, 1, 1, 0",
    "2, 16, 14, 14, 17, 1, 1, 2, 0",
    "1, 5, 9, 7, 4, 1, 1, 2, 0",
    "1, 2, 5, 5, 3, 1, 1, 1, 1",
    // 3x3
    "1, 1, 1, 1, 1, 3, 3, 1, 1",
    "1, 1, 3, 3, 1, 3, 3, 1, 1",
    "1, 8, 2, 2, 4, 3, 3, 1, 1",
    "2, 3, 7, 7, 5, 3, 3, 1, 1",
    "1, 96, 7, 7, 96, 3, 3, 1, 1",
    "2, 33, 16, 16, 31, 3, 3, 1, 1",
    "1, 5, 9, 11, 3, 3, 3, 1, 0",
    "1, 4, 1, 37, 6, 3, 3, 1, 1",
    "1, 4, 37, 1, 6, 3, 3, 1, 1",
    "1, 13, 31, 29, 7, 3, 3, 1, 1",
    "1, 16, 32, 32, 16, 3, 3, 1, 1",
    "5, 2, 6, 10, 3, 3, 3, 1, 1",
    "1, 2, 6, 6, 3, 3, 3, 1, 2",
    "3, 4, 8, 8, 6, 3, 3, 2, 1",
    "2, 5, 7, 9, 8, 3, 3, 2, 1",
    "1, 32, 14, 14, 40, 3, 3, 2, 1",
    // 7x7, and others
    "2, 1, 17, 13, 4, 7, 7, 2, 3",
    "1, 3, 32, 32, 9, 7, 7, 2, 3",
    "1, 1, 64, 64, 16, 7, 7, 2, 3",
    "1, 2, 2, 3, 2, 7, 7, 2, 3",
    "1, 2, 5, 5, 3, 5, 5, 1, 2",
    "1, 3, 6, 7, 2, 1, 3, 1, 1",
    "1, 3, 7, 6, 2, 4, 2, 3, 1",
    "1, 2, 8, 8, 3, 2, 2, 4, 0"
  })
  void convolution(int n, int c, int h, int w, int k, int r, int s, int stride, int padding) {
    check(new ConvShape(n, c, h, w, k, r, s, stride, padding));
  }

  /** Every kind of stride, padding, dilation and groups, in one to three dimensions. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void anyConvolution(int rank) {
    CounterRandom random = new CounterRandom(rank, 17, 0, 0);
    for (int draw = 0; draw < 40; draw++) {
      Window[] windows = {Window.NONE, Window.NONE, Window.NONE};
      for (int d = 3 - rank; d < 3; d++) {
        int kernel = 1 + random.nextInt(4);
        int dilation = 1 + random.nextInt(3);
        int begin = random.nextInt(3);
        int end = random.nextInt(4) - 1;
        int least = Math.max(1, dilation * (kernel - 1) + 1 - begin - end);
        int size = least + random.nextInt(rank == 3 ? 6 : rank == 2 ? 14 : 40);
        windows[d] = new Window(size, kernel, 1 + random.nextInt(3), begin, end, dilation);
      }
      int groups = 1 + random.nextInt(3);
      boolean depthwise = random.nextInt(3) == 0;
      int c = groups * (depthwise ? 1 : 1 + random.nextInt(5));
      int k = groups * (depthwise ? 1 : 1 + random.nextInt(5));
      int n = 1 + random.nextInt(3);
      check(new ConvShape(n, c, k, groups, windows[0], windows[1], windows[2]));
    }
  }

  private void check(ConvShape shape) {
    int inputs = shape.inputSize();
    int weights = shape.weightSize();
    int outputs = shape.outputSize();
    int k = shape.k();
    double terms = Math.sqrt(shape.groupC() * shape.taps());
    double[] x = normal(1, inputs);
    double[] weight = normal(2, weights);
    double[] gy = normal(3, outputs);
    check(shape + " with bias")
        .input("x", x)
        .input("w", weight)
        .input("bias", normal(4, k))
        .output("y", outputs)
        .scale("y", terms)
        .tolerance(TOLERANCE)
        .run(
            (kernels, b) ->
                kernels
                    .convolution()
                    .convolution(shape, b.get("x"), b.get("w"), b.get("bias"), b.get("y")));
    check(shape + " without bias")
        .input("x", x)
        .input("w", weight)
        .output("y", outputs)
        .scale("y", terms)
        .tolerance(TOLERANCE)
        .run(
            (kernels, b) ->
                kernels.convolution().convolution(shape, b.get("x"), b.get("w"), null, b.get("y")));
    for (boolean all : new boolean[] {true, false}) {
      check(shape + (all ? " with all that may follow" : " with plain statistics"))
          .input("x", x)
          .input("w", weight)
          .input("bias", normal(4, k))
          .input("mean", normal(5, k))
          .input("var", Arrays.stream(normal(6, k)).map(v -> (float) (0.1 + v * v)).toArray())
          .input("gamma", normal(7, k))
          .input("beta", normal(8, k))
          .input("residual", normal(9, outputs))
          .output("y", outputs)
          .scale("y", 3 * terms)
          .tolerance(TOLERANCE)
          .run((kernels, b) -> normalized(shape, all, kernels, b));
    }
    check(shape + " gradient of the input")
        .input("gy", gy)
        .input("w", weight)
        .output("gx", inputs)
        .scale("gx", Math.sqrt(shape.groupK() * shape.taps()))
        .tolerance(TOLERANCE)
        .run(
            (kernels, b) ->
                kernels
                    .convolution()
                    .convolutionInputGradient(shape, b.get("gy"), b.get("w"), b.get("gx")));
    check(shape + " gradient of the weights")
        .input("x", x)
        .input("gy", gy)
        .output("gw", weights)
        .scale("gw", Math.sqrt(shape.n() * shape.outputVolume()))
        .tolerance(TOLERANCE)
        .run(
            (kernels, b) ->
                kernels
                    .convolution()
                    .convolutionWeightGradient(shape, b.get("x"), b.get("gy"), b.get("gw")));
  }

  /** By the kernel that does both or by two. */
  private static void normalized(
      ConvShape shape, boolean all, Kernels kernels, KernelCheck.Buffers b) {
    Buffer y = b.get("y");
    Buffer bias = all ? b.get("bias") : null;
    Normalization norm =
        new Normalization(
            b.get("mean"),
            b.get("var"),
            all ? b.get("gamma") : null,
            all ? b.get("beta") : null,
            1e-3,
            all ? b.get("residual") : null,
            all);
    Convolution convolution = kernels.convolution();
    if (convolution.convolution(shape, b.get("x"), b.get("w"), bias, norm, y)) {
      return;
    }
    convolution.convolution(shape, b.get("x"), b.get("w"), bias, y);
    int[] dims = {shape.n(), shape.k(), shape.outputVolume()};
    View to = View.dense(DType.F32, y, dims);
    View[] operands = {
      to,
      ofChannels(norm.mean(), dims),
      ofChannels(norm.variance(), dims),
      ofChannels(norm.gamma(), dims),
      ofChannels(norm.beta(), dims),
      all ? View.dense(DType.F32, norm.residual(), dims) : null
    };
    kernels.maps().map(all ? ALL : PLAIN, new double[] {norm.eps()}, operands, to);
  }

  private static View ofChannels(Buffer values, int[] dims) {
    return values == null ? null : View.dense(DType.F32, values, 1, dims[1], 1).expand(dims);
  }
}
