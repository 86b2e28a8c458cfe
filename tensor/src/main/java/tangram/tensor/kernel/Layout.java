package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Copies that move elements: permutation, concatenation, gathering, windows, resizing. */
public interface Layout {
  /**
   * General permutation of dimensions, at most 6: {@code y[i_p0, i_p1, ...] = x[i_0, i_1, ...]}, so
   * that dimension d of y is dimension perm[d] of x.
   */
  void permute(int[] shape, int[] perm, Buffer x, Buffer y);

  /**
   * Copies a block of columns: row i of x [rows, srcCols], from column srcStart, to row i of y
   * [rows, dstCols], from column dstStart. The rest of y is untouched.
   */
  void copyColumns(
      int rows, int cols, Buffer x, int srcCols, int srcStart, Buffer y, int dstCols, int dstStart);

  /** y[i, :] = x[index[i], :] with x [*, cols], integers index [rows], y [rows, cols]. */
  void gatherRows(int rows, int cols, Buffer x, Buffer index, Buffer y);

  /** gx = 0, then gx[index[i], :] += gy[i, :] in order of i; gx [xRows, cols]. */
  void gatherRowsBackward(int rows, int cols, int xRows, Buffer gy, Buffer index, Buffer gx);

  /** Nearest-neighbour upsampling by two: x [planes, h, w] to y [planes, 2h, 2w]. */
  void upsampleNearest2x(int planes, int h, int w, Buffer x, Buffer y);

  /** Gradient of {@link #upsampleNearest2x}: sums of 2x2 blocks. */
  void upsampleNearest2xBackward(int planes, int h, int w, Buffer gy, Buffer gx);

  /** Bilinear resize, align_corners = false, of x [planes, h, w] to y [planes, outH, outW]. */
  void resizeBilinear(int planes, int h, int w, int outH, int outW, Buffer x, Buffer y);

  /** Gradient of {@link #resizeBilinear}. */
  void resizeBilinearBackward(int planes, int h, int w, int outH, int outW, Buffer gy, Buffer gx);

  /**
   * Swin window partition: x [N, H, W, C] is zero-padded at the bottom and right to multiples of
   * the window, rolled by -{@link WindowShape#shiftH} and -{@link WindowShape#shiftW} and cut into
   * windows: y [N * windows, window^2, C].
   */
  void windowPartition(WindowShape shape, Buffer x, Buffer y);

  /** Inverse (and, with padding cropped, the adjoint) of {@link #windowPartition}. */
  void windowReverse(WindowShape shape, Buffer x, Buffer y);

  /**
   * Max pooling of x [planes, h, w]; index (integers) receives the winner's offset in its plane.
   */
  void maxPool2d(PoolShape shape, Buffer x, Buffer y, Buffer index);

  /** Gradient of {@link #maxPool2d}. */
  void maxPool2dBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx);
}
