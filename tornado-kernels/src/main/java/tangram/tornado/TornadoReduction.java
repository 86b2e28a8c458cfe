package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;

/** Reductions and softmax on the device: sums in one phase if they are short, else in two. */
final class TornadoReduction implements Reduction {
  /** Sums of columns, of other families' partial results too. */
  static final Kernel SUM_ROWS = new Kernel("sumRows", ReductionKernels::sumRows);

  private static final Kernel SUM_CHANNELS =
      new Kernel("sumChannels", ReductionKernels::sumChannels);
  private static final Kernel SOFTMAX = new Kernel("softmax", SoftmaxKernels::softmax);
  private static final Kernel SOFTMAX_BACKWARD =
      new Kernel("softmaxBackward", SoftmaxKernels::softmaxBackward);
  private static final Kernel ARGMAX = new Kernel("argmax", SoftmaxKernels::argmax);

  static final List<Kernel> KERNELS =
      List.of(SUM_ROWS, SUM_CHANNELS, SOFTMAX, SOFTMAX_BACKWARD, ARGMAX);

  /** Rows that a group adds up at most. */
  private static final int ROWS = 64 * ReductionKernels.LANES;

  private final Launcher launcher;

  TornadoReduction(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void sum(Buffer x, Buffer y) {
    sumChannels(1, 1, x.length(), x, y);
  }

  @Override
  public void sumRows(int rows, int cols, Buffer x, Buffer y) {
    int slices = rowSlices(rows);
    if (slices == 1) {
      launcher.launch(
          rowSums(Launch.of(SUM_ROWS).at(x).at(y).n(0), 1, rows, cols, rows, cols, cols));
      return;
    }
    int partial = launcher.scratch(slices * cols);
    launcher.launch(
        rowSums(Launch.of(SUM_ROWS).at(x).n(partial).n(0), 1, rows, cols, ROWS, cols, cols));
    launcher.launch(
        rowSums(Launch.of(SUM_ROWS).n(partial).at(y).n(0), 1, slices, cols, slices, cols, cols));
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
  public void sumChannels(int n, int c, int hw, Buffer x, Buffer y) {
    int elements = n * hw;
    int slices = Slices.count(c, elements);
    int length = Slices.length(c);
    if (slices == 1) {
      launcher.launch(channelSums(Launch.of(SUM_CHANNELS).at(x).at(y), elements, c, hw, length));
      return;
    }
    int partial = launcher.scratch(slices * c);
    launcher.launch(channelSums(Launch.of(SUM_CHANNELS).at(x).n(partial), elements, c, hw, length));
    launcher.launch(
        channelSums(Launch.of(SUM_CHANNELS).n(partial).at(y), slices, c, slices, slices));
  }

  private static Launch channelSums(Launch launch, int elements, int channels, int hw, int slice) {
    int slices = (elements + slice - 1) / slice;
    return launch
        .n(elements)
        .n(channels)
        .n(hw)
        .n(slice)
        .n(slices)
        .groups(slices, channels, 1, Slices.THREADS, 1, 1);
  }

  @Override
  public void softmax(int outer, int k, int inner, Buffer x, Buffer y) {
    launcher.launch(Lanes.launch(SOFTMAX, outer, k, inner).at(x).at(y));
  }

  @Override
  public void softmaxBackward(int outer, int k, int inner, Buffer y, Buffer gy, Buffer gx) {
    launcher.launch(Lanes.launch(SOFTMAX_BACKWARD, outer, k, inner).at(y).at(gy).at(gx));
  }

  @Override
  public void argmax(int outer, int k, int inner, Buffer x, Buffer y) {
    int vectors = outer * inner;
    launcher.launch(Launch.of(ARGMAX).n(vectors).n(k).n(inner).at(x).at(y).threads(vectors));
  }
}
