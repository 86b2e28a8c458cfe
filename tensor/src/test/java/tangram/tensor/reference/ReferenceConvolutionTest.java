package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.ConvShape;

class ReferenceConvolutionTest extends ReferenceKernelTest {
  private static final double[] ONE_TO_NINE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private Tensor conv(ConvShape shape, double[] x, double[] w, Tensor bias) {
    Tensor y = out(shape.n() * shape.k() * shape.outH() * shape.outW());
    kernels
        .convolution()
        .convolution(
            shape,
            reals(x).buffer(),
            reals(w).buffer(),
            bias == null ? null : bias.buffer(),
            y.buffer());
    return y;
  }

  /** The top left output is 1*1 + 2*2 + 4*3 + 5*4 = 37: the kernel is not flipped. */
  @Test
  void correlation() {
    ConvShape shape = new ConvShape(1, 1, 3, 3, 1, 2, 2, 1, 0);
    double[] w = {1, 2, 3, 4};
    assertReals(conv(shape, ONE_TO_NINE, w, null), 37, 47, 67, 77);
    assertReals(conv(shape, ONE_TO_NINE, w, reals(0.5)), 37.5, 47.5, 67.5, 77.5);
  }

  /** Outputs are centred on rows and columns 0 and 2; padding adds nothing. */
  @Test
  void strideAndPadding() {
    ConvShape shape = new ConvShape(1, 1, 3, 3, 1, 3, 3, 2, 1);
    double[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    assertReals(
        conv(shape, ONE_TO_NINE, ones, null), 1 + 2 + 4 + 5, 2 + 3 + 5 + 6, 4 + 5 + 7 + 8, 28);
  }

  @Test
  void batchAndChannels() {
    ConvShape shape = new ConvShape(2, 2, 1, 1, 3, 1, 1, 1, 0);
    // Samples (1, 2) and (3, 4); three output channels.
    double[] w = {1, 0, 0, 1, 10, 100};
    assertReals(
        conv(shape, new double[] {1, 2, 3, 4}, w, reals(0, 0, 1000)), 1, 2, 1210, 3, 4, 1430);
  }

  /** With a gradient of ones every input collects the weights that touched it. */
  @Test
  void inputGradient() {
    ConvShape shape = new ConvShape(1, 1, 3, 3, 1, 2, 2, 1, 0);
    Tensor gx = out(9);
    kernels
        .convolution()
        .convolutionInputGradient(
            shape, reals(1, 1, 1, 1).buffer(), reals(1, 2, 3, 4).buffer(), gx.buffer());
    assertReals(gx, 1, 3, 2, 4, 10, 6, 3, 7, 4);
  }

  /** With a gradient of ones every weight collects the inputs that it touched. */
  @Test
  void weightGradient() {
    ConvShape shape = new ConvShape(1, 1, 3, 3, 1, 2, 2, 1, 0);
    Tensor gw = out(4);
    kernels
        .convolution()
        .convolutionWeightGradient(
            shape, reals(ONE_TO_NINE).buffer(), reals(1, 1, 1, 1).buffer(), gw.buffer());
    assertReals(gw, 12, 16, 24, 28);
  }
}
