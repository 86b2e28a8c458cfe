package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Windows of a map of tokens in libtorch, as Swin's published code cuts and shifts them. Maps are
 * whole numbers of windows, and more than one.
 */
final class TorchWindows {
  private static final float MASKED = -100;

  private TorchWindows() {}

  /** [N, H, W, C] rolled by -shift and cut into [N * windows, window^2, C]. */
  static PtNDArray partition(PtNDArray x, int window, int shift) {
    long n = x.getShape().get(0);
    long rows = x.getShape().get(1) / window;
    long columns = x.getShape().get(2) / window;
    long c = x.getShape().get(3);
    return Libtorch.scoped(
        () -> {
          PtNDArray rolled = shift == 0 ? x : roll(roll(x, -shift, 1), -shift, 2);
          PtNDArray cut = TorchOps.reshape(rolled, n, rows, window, columns, window, c);
          return TorchOps.reshape(
              TorchOps.permute(cut, 0, 1, 3, 2, 4, 5),
              n * rows * columns,
              (long) window * window,
              c);
        });
  }

  /** The inverse of {@link #partition}. */
  static PtNDArray reverse(PtNDArray windows, long n, long h, long w, int window, int shift) {
    long c = windows.getShape().get(2);
    return Libtorch.scoped(
        () -> {
          PtNDArray cut = TorchOps.reshape(windows, n, h / window, w / window, window, window, c);
          PtNDArray map = TorchOps.reshape(TorchOps.permute(cut, 0, 1, 3, 2, 4, 5), n, h, w, c);
          return shift == 0 ? map : roll(roll(map, shift, 1), shift, 2);
        });
  }

  /** Moves elements along a dimension, cyclically; libtorch's own {@code roll} does the same. */
  private static PtNDArray roll(PtNDArray x, int by, int dim) {
    long size = x.getShape().get(dim);
    long start = by < 0 ? -by : size - by;
    PtNDArray first = JniUtils.slice(x, dim, start, size, 1);
    PtNDArray second = JniUtils.slice(x, dim, 0, start, 1);
    return TorchOps.cat(first, second, dim);
  }

  /**
   * What is added to the scores between tokens of a window: 0 for neighbours before the roll, else
   * -100; [windows, window^2, window^2].
   */
  static float[] mask(int h, int w, int window, int shift) {
    int columns = w / window;
    int tokens = window * window;
    float[] mask = new float[h / window * columns * tokens * tokens];
    for (int i = 0; i < mask.length; i++) {
      int top = i / (tokens * tokens) / columns * window;
      int left = i / (tokens * tokens) % columns * window;
      int a = i / tokens % tokens;
      int b = i % tokens;
      boolean together =
          rolledOver(top + a / window, h, shift) == rolledOver(top + b / window, h, shift)
              && rolledOver(left + a % window, w, shift) == rolledOver(left + b % window, w, shift);
      mask[i] = together ? 0 : MASKED;
    }
    return mask;
  }

  private static boolean rolledOver(int position, int size, int shift) {
    return position >= size - shift;
  }

  /** For each pair of tokens of a window the row of the table of relative position biases. */
  static int[] relativePositions(int window) {
    int tokens = window * window;
    int[] index = new int[tokens * tokens];
    for (int i = 0; i < index.length; i++) {
      int a = i / tokens;
      int b = i % tokens;
      int down = a / window - b / window + window - 1;
      int right = a % window - b % window + window - 1;
      index[i] = down * (2 * window - 1) + right;
    }
    return index;
  }
}
