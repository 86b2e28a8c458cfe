package tangram.tornado;

import static tangram.tornado.ConvolutionKernels.STRIP;
import static tangram.tornado.ConvolutionKernels.THREADS;
import static tangram.tornado.ConvolutionKernels.TILE;
import static tangram.tornado.Launch.blocks;

import java.util.List;
import java.util.function.ToIntFunction;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Window;

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
  public void convolution(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y) {
    int cols = shape.n() * shape.outputVolume();
    Launch launch =
        Launch.of(CONVOLUTION)
            .at(x, w, bias, y)
            .flag(bias != null)
            .n(shape.groupK(), cols, shape.groupC() * shape.taps());
    launcher.launch(
        windows(launch, shape)
            .n(shape.groupC(), shape.groups())
            .groups(
                blocks(cols, TILE),
                blocks(shape.groupK(), TILE),
                shape.groups(),
                THREADS,
                THREADS,
                1));
  }

  /** Sizes along depth, rows and columns. */
  private static Launch windows(Launch launch, ConvShape shape) {
    Window[] windows = {shape.depth(), shape.rows(), shape.cols()};
    List<ToIntFunction<Window>> sizes =
        List.of(
            Window::kernel,
            Window::size,
            Window::out,
            Window::stride,
            Window::begin,
            Window::dilation);
    for (ToIntFunction<Window> size : sizes) {
      for (Window window : windows) {
        launch.n(size.applyAsInt(window));
      }
    }
    return launch;
  }

  @Override
  public void convolutionInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx) {
    int phases = 1;
    int phaseCols = shape.n();
    for (Window window : new Window[] {shape.depth(), shape.rows(), shape.cols()}) {
      phases *= window.stride();
      phaseCols *= blocks(window.size(), window.stride());
    }
    Launch launch =
        Launch.of(INPUT_GRADIENT)
            .at(gy, w, gx)
            .n(shape.n(), shape.groupC(), shape.groupK(), shape.groups(), 0);
    launcher.launch(
        windows(launch, shape)
            .groups(
                blocks(phaseCols, TILE),
                blocks(shape.groupC(), TILE),
                phases * shape.groups(),
                THREADS,
                THREADS,
                1));
  }

  @Override
  public void convolutionWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw) {
    int cols = shape.groupC() * shape.taps();
    int positions = shape.n() * shape.outputVolume();
    int tiles = blocks(cols, TILE) * blocks(shape.groupK(), TILE) * shape.groups();
    int strips = blocks(positions, STRIP);
    int most = Math.min(blocks(WEIGHT_GROUPS, tiles), blocks(strips, WEIGHT_STRIPS));
    int partStrips = blocks(strips, most);
    int parts = blocks(strips, partStrips);
    int length = shape.weightSize();
    Launch sum = Launch.of(WEIGHT_GRADIENT).at(x, gy);
    int scratch = 0;
    if (parts == 1) {
      sum.at(gw);
    } else {
      scratch = launcher.scratch(parts * length);
      sum.n(scratch);
    }
    sum.n(shape.groupK(), cols, positions, partStrips * STRIP, shape.groups());
    launcher.launch(
        windows(sum, shape)
            .n(shape.groupC())
            .groups(
                blocks(cols, TILE),
                blocks(shape.groupK(), TILE),
                parts * shape.groups(),
                THREADS,
                THREADS,
                1));
    if (parts > 1) {
      launcher.launch(Parts.sum(scratch, Launch.offset(gw), length, parts, parts));
    }
  }
}
