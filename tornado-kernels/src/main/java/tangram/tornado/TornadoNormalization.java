package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Normalization;

/** Normalisation on the device. */
final class TornadoNormalization implements Normalization {
  private static final Kernel BATCH_NORM = new Kernel("batchNorm", BatchNormKernels::statistics);
  private static final Kernel BATCH_NORM_JOIN = new Kernel("batchNormJoin", BatchNormKernels::join);
  private static final Kernel BATCH_NORM_BACKWARD =
      new Kernel("batchNormBackward", BatchNormBackwardKernels::sums);
  private static final Kernel BATCH_NORM_BACKWARD_JOIN =
      new Kernel("batchNormBackwardJoin", BatchNormBackwardKernels::join);
  private static final Kernel BATCH_NORM_INFERENCE =
      new Kernel("batchNormInference", BatchNormKernels::inference);
  private static final Kernel LAYER_NORM = new Kernel("layerNorm", LayerNormKernels::layerNorm);
  private static final Kernel LAYER_NORM_INPUT_GRADIENT =
      new Kernel("layerNormInputGradient", LayerNormKernels::inputGradient);
  private static final Kernel LAYER_NORM_PARAMETER_GRADIENTS =
      new Kernel("layerNormParameterGradients", LayerNormKernels::parameterGradients);
  private static final Kernel NORMALIZE = new Kernel("normalize", NormalizeKernels::forward);
  private static final Kernel NORMALIZE_BACKWARD =
      new Kernel("normalizeBackward", NormalizeKernels::backward);

  static final List<Kernel> KERNELS =
      List.of(
          BATCH_NORM,
          BATCH_NORM_JOIN,
          BATCH_NORM_BACKWARD,
          BATCH_NORM_BACKWARD_JOIN,
          BATCH_NORM_INFERENCE,
          LAYER_NORM,
          LAYER_NORM_INPUT_GRADIENT,
          LAYER_NORM_PARAMETER_GRADIENTS,
          NORMALIZE,
          NORMALIZE_BACKWARD);

  private final Launcher launcher;

  TornadoNormalization(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void batchNorm(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double momentum,
      double eps,
      boolean relu,
      Buffer mean,
      Buffer invStd,
      Buffer y) {
    for (Kernel kernel : phases(n, c, hw, BATCH_NORM, BATCH_NORM_JOIN)) {
      Launch launch =
          Launch.of(kernel)
              .at(x)
              .at(residual)
              .at(gamma)
              .at(beta)
              .at(runningMean)
              .at(runningVar)
              .at(mean)
              .at(invStd)
              .at(y)
              .flag(residual != null)
              .flag(relu)
              .s(momentum)
              .s(eps);
      launcher.launch(sliced(launch, n, c, hw));
    }
  }

  @Override
  public void batchNormBackward(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      boolean relu,
      Buffer gy,
      Buffer gx,
      Buffer gResidual,
      Buffer gGamma,
      Buffer gBeta) {
    for (Kernel kernel : phases(n, c, hw, BATCH_NORM_BACKWARD, BATCH_NORM_BACKWARD_JOIN)) {
      Launch launch =
          Launch.of(kernel)
              .at(x)
              .at(relu ? y : null)
              .at(gamma)
              .at(mean)
              .at(invStd)
              .at(gy)
              .at(gx)
              .at(gResidual)
              .at(gGamma)
              .at(gBeta)
              .flag(relu)
              .flag(gResidual != null);
      launcher.launch(sliced(launch, n, c, hw));
    }
  }

  /** One kernel for channels that are a slice each, else two. */
  private static List<Kernel> phases(int n, int c, int hw, Kernel first, Kernel join) {
    return Slices.count(c, n * hw) == 1 ? List.of(first) : List.of(first, join);
  }

  /** Appends sizes and scratch memory for two numbers of every slice. */
  private Launch sliced(Launch launch, int n, int c, int hw) {
    int slices = Slices.count(c, n * hw);
    int scratch = slices == 1 ? 0 : launcher.scratch(2 * c * slices);
    return launch
        .n(n * hw)
        .n(c)
        .n(hw)
        .n(Slices.length(c))
        .n(slices)
        .n(scratch)
        .groups(slices, c, 1, Slices.THREADS, 1, 1);
  }

  @Override
  public void batchNormInference(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double eps,
      boolean relu,
      Buffer y) {
    int length = n * c * hw;
    launcher.launch(
        Launch.of(BATCH_NORM_INFERENCE)
            .at(x)
            .at(residual)
            .at(gamma)
            .at(beta)
            .at(runningMean)
            .at(runningVar)
            .at(y)
            .flag(residual != null)
            .flag(relu)
            .n(c)
            .n(hw)
            .n(length)
            .s(eps)
            .threads(length));
  }

  @Override
  public void layerNorm(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      double eps,
      Buffer mean,
      Buffer invStd,
      Buffer y) {
    launcher.launch(
        Lanes.launch(LAYER_NORM, rows, cols, 1)
            .at(x)
            .at(gamma)
            .at(beta)
            .at(mean)
            .at(invStd)
            .at(y)
            .s(eps));
  }

  @Override
  public void layerNormBackward(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      Buffer gy,
      Buffer gx,
      Buffer gGamma,
      Buffer gBeta) {
    // Before gx is written, which may be where gy is.
    layerNormParameterGradients(rows, cols, x, mean, invStd, gy, gGamma, gBeta);
    launcher.launch(
        Lanes.launch(LAYER_NORM_INPUT_GRADIENT, rows, cols, 1)
            .at(x)
            .at(gamma)
            .at(mean)
            .at(invStd)
            .at(gy)
            .at(gx));
  }

  private void layerNormParameterGradients(
      int rows,
      int cols,
      Buffer x,
      Buffer mean,
      Buffer invStd,
      Buffer gy,
      Buffer gGamma,
      Buffer gBeta) {
    Launch launch = Launch.of(LAYER_NORM_PARAMETER_GRADIENTS).at(x).at(mean).at(invStd).at(gy);
    int slices = TornadoReduction.rowSlices(rows);
    if (slices == 1) {
      launch.at(gGamma).at(gBeta);
      launcher.launch(TornadoReduction.rowSums(launch, 1, rows, cols, rows, cols, cols));
      return;
    }
    // A row of scratch memory is a slice's gGamma and its gBeta.
    int scratch = launcher.scratch(slices * 2 * cols);
    launch.n(scratch).n(scratch + cols);
    int slice = TornadoReduction.rowsOfSlice();
    launcher.launch(TornadoReduction.rowSums(launch, 1, rows, cols, slice, cols, 2 * cols));
    Launch join = Launch.of(TornadoReduction.SUM_ROWS).n(scratch).at(gGamma).at(gBeta);
    launcher.launch(TornadoReduction.rowSums(join, 2, slices, cols, slices, 2 * cols, cols));
  }

  @Override
  public void normalize(int outer, int c, int inner, Buffer x, double eps, Buffer norm, Buffer y) {
    launcher.launch(Lanes.launch(NORMALIZE, outer, c, inner).at(x).at(norm).at(y).s(eps));
  }

  @Override
  public void normalizeBackward(
      int outer, int c, int inner, Buffer y, Buffer norm, Buffer gy, Buffer gx) {
    launcher.launch(Lanes.launch(NORMALIZE_BACKWARD, outer, c, inner).at(y).at(norm).at(gy).at(gx));
  }
}
