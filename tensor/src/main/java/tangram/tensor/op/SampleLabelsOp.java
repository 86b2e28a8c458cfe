package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.Tensor;

/** Nearest-neighbour reduction of a map of integers: every stride-th row and column. */
public final class SampleLabelsOp {
  private SampleLabelsOp() {}

  /**
   * Reduces maps.
   *
   * @param labels integers [N, H, W]
   * @param stride distance between the rows and columns kept
   * @return integers [N, ceil(H / stride), ceil(W / stride)]
   */
  public static Tensor sampleLabels(Tensor labels, int stride) {
    Checks.integers("sample_labels", labels, labels);
    Checks.rank("sample_labels", labels, 3);
    Checks.notEmpty("sample_labels", labels);
    Checks.that(stride > 0, () -> "sample_labels: a stride of " + stride);
    int h = labels.dim(1);
    int w = labels.dim(2);
    Tensor y =
        labels
            .device()
            .uninitializedInts(labels.dim(0), (h + stride - 1) / stride, (w + stride - 1) / stride);
    labels
        .device()
        .kernels()
        .layout()
        .sampleLabels(labels.dim(0), h, w, stride, labels.buffer(), y.buffer());
    Reference.reachabilityFence(labels);
    return y;
  }
}
