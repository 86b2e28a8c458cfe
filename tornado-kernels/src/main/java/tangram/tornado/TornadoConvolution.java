package tangram.tornado;

import static tangram.tornado.ConvolutionKernels.STRIP;
import static tangram.tornado.ConvolutionKernels.THREADS;
import static tangram.tornado.ConvolutionKernels.TILE;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;

/** Convolutions on the device. */
final class TornadoConvolution implements Convolution {
  private static final Kernel CONVOLUTION =
      new Kernel("convolution", ConvolutionKernels::convolution);
  private static final Kernel INPUT_GRADIENT =
      new Kernel("convolutionInputGradient", ConvolutionKernels::inputGradient);
  private static final Kernel WEIGHT_GRADIENT =
      new Kernel("convolutionWeightGradient", WeightGradientKernels::weightGradient);

  static final List<Kernel> KERNELS = List.of(CONVOLUTION, INPUT_GRADIENT, WEIGHT_GRADIENT);

  /** Groups that the gradient of the weights is spread over at least, if its sums allow. */
  private static final int WEIGHT_GROUPS = 512;

  /** Strips that a group of the gradient of the weights sums at least. */
  private static final int WEIGHT_STRIPS = 8;

  private final Launcher launcher;

  TornadoConvolution(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void conv2d(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y) {
    int cols = shape.n() * shape.outH() * shape.outW();
    launcher.launch(
        Launch.of(CONVOLUTION)
            .at(x)
            .at(w)
            .at(bias)
            .at(y)
            .flag(bias != null)
            .n(shape.k())
            .n(cols)
            .n(shape.c() * shape.r() * shape.s())
            .n(shape.r())
            .n(shape.s())
            .n(shape.h())
            .n(shape.w())
            .n(shape.outH() * shape.outW())
            .n(shape.outW())
            .n(shape.stride())
            .n(shape.padding())
            .n(shape.c() * shape.h() * shape.w())
            .groups(blocks(cols, TILE), blocks(shape.k(), TILE), 1, THREADS, THREADS, 1));
  }

  @Override
  public void conv2dInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx) {
    int stride = shape.stride();
    int phaseCols = shape.n() * blocks(shape.h(), stride) * blocks(shape.w(), stride);
    launcher.launch(
        Launch.of(INPUT_GRADIENT)
            .at(gy)
            .at(w)
            .at(gx)
            .n(shape.n())
            .n(shape.c())
            .n(shape.k())
            .n(shape.r())
            .n(shape.s())
            .n(shape.h())
            .n(shape.w())
            .n(shape.outH())
            .n(shape.outW())
            .n(stride)
            .n(shape.padding())
            .groups(
                blocks(phaseCols, TILE),
                blocks(shape.c(), TILE),
                stride * stride,
                THREADS,
                THREADS,
                1));
  }

  @Override
  public void conv2dWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw) {
    int cols = shape.c() * shape.r() * shape.s();
    int pixels = shape.n() * shape.outH() * shape.outW();
    int tiles = blocks(cols, TILE) * blocks(shape.k(), TILE);
    int strips = blocks(pixels, STRIP);
    int most = Math.min(blocks(WEIGHT_GROUPS, tiles), blocks(strips, WEIGHT_STRIPS));
    int partStrips = blocks(strips, most);
    int parts = blocks(strips, partStrips);
    int length = shape.weightSize();
    Launch sum = Launch.of(WEIGHT_GRADIENT).at(x).at(gy);
    int scratch = 0;
    if (parts == 1) {
      sum.at(gw);
    } else {
      scratch = launcher.scratch(parts * length);
      sum.n(scratch);
    }
    launcher.launch(
        sum.n(shape.k())
            .n(cols)
            .n(pixels)
            .n(partStrips * STRIP)
            .n(shape.r())
            .n(shape.s())
            .n(shape.h())
            .n(shape.w())
            .n(shape.outH() * shape.outW())
            .n(shape.outW())
            .n(shape.stride())
            .n(shape.padding())
            .n(shape.c() * shape.h() * shape.w())
            .groups(blocks(cols, TILE), blocks(shape.k(), TILE), parts, THREADS, THREADS, 1));
    if (parts > 1) {
      launcher.launch(Parts.sum(scratch, Launch.offset(gw), length, parts, parts));
    }
  }

  private static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }
}
