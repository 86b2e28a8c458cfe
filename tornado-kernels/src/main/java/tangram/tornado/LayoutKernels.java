package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that move elements: one thread for each element of the output, which looks for where it
 * comes from; so writes lie side by side, and no element has two writers.
 */
final class LayoutKernels {
  private LayoutKernels() {}

  /**
   * Element (window, token, channel) of the partition.
   *
   * <p>p: x, y, h, w, channels, window side, rows and columns of windows, shift of rows, of
   * columns, length.
   */
  static void windowPartition(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(2);
      int w = p.get(3);
      int channels = p.get(4);
      int side = p.get(5);
      int rows = p.get(6);
      int cols = p.get(7);
      int token = e / channels % (side * side);
      int window = e / channels / (side * side);
      int i = window / cols % rows * side + token / side + p.get(8);
      int j = window % cols * side + token % side + p.get(9);
      i = i % (rows * side);
      j = j % (cols * side);
      float v = 0f;
      if (i < h && j < w) {
        int image = window / cols / rows;
        v = x.get(p.get(0) + ((image * h + i) * w + j) * channels + e % channels);
      }
      x.set(p.get(1) + e, v);
    }
  }

  /** Element (image, row, column, channel) of the map; p as in {@link #windowPartition}. */
  static void windowReverse(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(2);
      int w = p.get(3);
      int channels = p.get(4);
      int side = p.get(5);
      int rows = p.get(6);
      int cols = p.get(7);
      int pixel = e / channels;
      int image = pixel / w / h;
      int i = (pixel / w % h + rows * side - p.get(8)) % (rows * side);
      int j = (pixel % w + cols * side - p.get(9)) % (cols * side);
      int window = (image * rows + i / side) * cols + j / side;
      int token = i % side * side + j % side;
      int source = (window * side * side + token) * channels + e % channels;
      x.set(p.get(1) + e, x.get(p.get(0) + source));
    }
  }
}
