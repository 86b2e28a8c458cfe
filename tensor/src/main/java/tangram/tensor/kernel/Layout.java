package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Windows, resizing and pooling. */
public interface Layout {

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
