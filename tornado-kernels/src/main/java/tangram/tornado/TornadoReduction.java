package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;

/** Reductions and softmax on the device: sums in one phase if they are short, else in two. */
final class TornadoReduction implements Reduction {
  /** Sums of columns, of other families' partial results too. */
  static final Kernel SUM_ROWS = new Kernel("sumRows", ReductionKernels::sumRows);

  private static final Kernel SOFTMAX = new Kernel("softmax", SoftmaxKernels::softmax);
  private static final Kernel SOFTMAX_BACKWARD =
      new Kernel("softmaxBackward", SoftmaxKernels::softmaxBackward);

  static final List<Kernel> KERNELS = List.of(SUM_ROWS, SOFTMAX, SOFTMAX_BACKWARD);

  /** Rows that a group adds up at most. */
  private static final int ROWS = 64 * ReductionKernels.LANES;

  private final Launcher launcher;

  TornadoReduction(Launcher launcher) {
    this.launcher = launcher;
  }

  /** Slices into which rows are cut. */
  static int rowSlices(int rows) {
    return (rows + ROWS - 1) / ROWS;
  }

  /** Rows of each slice. */
  static int rowsOfSlice() {
    return ROWS;
  }

  /**
   * Appends the numbers and threads of a kernel that adds up rows.
   *
   * @param matrices matrices side by side
   * @param slice rows of a slice
   * @param distance of rows
   * @param outDistance of the results of slices
   */
  static Launch rowSums(
      Launch launch, int matrices, int rows, int cols, int slice, int distance, int outDistance) {
    return launch
        .n(rows)
        .n(cols)
        .n(slice)
        .n(distance)
        .n(outDistance)
        .groups(
            (cols + ReductionKernels.COLS - 1) / ReductionKernels.COLS,
            (rows + slice - 1) / slice,
            matrices,
            ReductionKernels.COLS,
            ReductionKernels.LANES,
            1);
  }

  @Override
  public void softmax(int outer, int k, int inner, Buffer x, Buffer y) {
    launcher.launch(Lanes.launch(SOFTMAX, outer, k, inner).at(x).at(y));
  }

  @Override
  public void softmaxBackward(int outer, int k, int inner, Buffer y, Buffer gy, Buffer gx) {
    launcher.launch(Lanes.launch(SOFTMAX_BACKWARD, outer, k, inner).at(y).at(gy).at(gx));
  }
}
