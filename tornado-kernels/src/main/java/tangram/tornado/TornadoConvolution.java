package tangram.tornado;

import static tangram.tornado.ConvolutionKernels.TILE;
import static tangram.tornado.Launch.blocks;

import java.util.List;
import java.util.function.ToIntFunction;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;
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

  private final Launcher launcher;
  private final LinearAlgebra products;

  TornadoConvolution(Launcher launcher, LinearAlgebra products) {
    this.launcher = launcher;
    this.products = products;
  }

  /**
   * Whether a convolution is a product for each image, of channels and positions as they lie, and
   * the positions fill tiles by three quarters or more.
   */
  private static boolean isProduct(ConvShape shape) {
    for (Window window : new Window[] {shape.depth(), shape.rows(), shape.cols()}) {
      if (window.kernel() != 1
          || window.stride() != 1
          || window.begin() != 0
          || window.size() != window.out()) {
        return false;
      }
    }
    int positions = shape.outputVolume();
    return shape.groups() == 1 && 4L * positions >= 3L * blocks(positions, TILE) * TILE;
  }

  @Override
  public void convolution(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y) {
    if (bias == null && isProduct(shape)) {
      int positions = shape.outputVolume();
      int c = shape.c();
      products.gemm(
          new GemmShape(shape.n(), false, false, shape.k(), positions, c, 0, c * positions),
          w,
          x,
          y,
          false);
      return;
    }
    int cols = shape.n() * shape.outputVolume();
    int steps = shape.groupC() * shape.taps();
    Tiling tiling = Tiling.of(shape.groupK(), cols, steps, shape.groups(), Tiling.SMALL);
    int length = shape.outputSize();
    int to = Parts.place(launcher, tiling, y, length);
    Launch launch =
        Launch.of(CONVOLUTION)
            .at(x, w, bias)
            .n(to)
            .flag(bias != null)
            .n(shape.groupK(), cols, steps);
    launcher.launch(
        windows(launch, shape)
            .n(shape.groupC(), shape.groups(), tiling.steps(), length)
            .groups(
                blocks(cols, TILE),
                blocks(shape.groupK(), TILE),
                tiling.parts() * shape.groups(),
                TILE,
                1,
                1));
    Parts.add(launcher, tiling, to, y, length, false);
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
    if (isProduct(shape)) {
      int positions = shape.outputVolume();
      int k = shape.k();
      products.gemm(
          new GemmShape(shape.n(), true, false, shape.c(), positions, k, 0, k * positions),
          w,
          gy,
          gx,
          false);
      return;
    }
    int phases = 1;
    int phaseCols = shape.n();
    int steps = shape.groupK();
    for (Window window : new Window[] {shape.depth(), shape.rows(), shape.cols()}) {
      phases *= window.stride();
      phaseCols *= blocks(window.size(), window.stride());
      steps *=
          blocks(window.kernel(), ConvolutionKernels.tapStep(window.stride(), window.dilation()));
    }
    Tiling tiling =
        Tiling.of(shape.groupC(), phaseCols, steps, phases * shape.groups(), Tiling.SMALL);
    int length = shape.inputSize();
    int to = Parts.place(launcher, tiling, gx, length);
    Launch launch =
        Launch.of(INPUT_GRADIENT)
            .at(gy, w)
            .n(to, shape.n(), shape.groupC(), shape.groupK(), shape.groups(), 0);
    launcher.launch(
        windows(launch, shape)
            .n(tiling.steps(), length)
            .groups(
                blocks(phaseCols, TILE),
                blocks(shape.groupC(), TILE),
                tiling.parts() * phases * shape.groups(),
                TILE,
                1,
                1));
    Parts.add(launcher, tiling, to, gx, length, false);
  }

  @Override
  public void convolutionWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw) {
    int cols = shape.groupC() * shape.taps();
    int positions = shape.n() * shape.outputVolume();
    Tiling tiling = Tiling.of(shape.groupK(), cols, positions, shape.groups(), Tiling.SMALL);
    int length = shape.weightSize();
    int to = Parts.place(launcher, tiling, gw, length);
    Launch launch =
        Launch.of(WEIGHT_GRADIENT)
            .at(x, gy)
            .n(to, shape.groupK(), cols, positions, tiling.steps(), shape.groups());
    launcher.launch(
        windows(launch, shape)
            .n(shape.groupC())
            .groups(
                blocks(cols, TILE),
                blocks(shape.groupK(), TILE),
                tiling.parts() * shape.groups(),
                TILE,
                1,
                1));
    Parts.add(launcher, tiling, to, gw, length, false);
  }
}
