package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Windows, resizing and pooling. */
public interface Layout {

  /**
   * Swin window partition: x [N, H, W, C] is zero-padded at the bottom and right to multiples of
   * the window, rolled by -{@link WindowShape#shiftH} and -{@link WindowShape#shiftW} and cut into
   * windows: y [N * windows, window^2, C].
   */
  void windowPartition(WindowShape shape, Buffer x, Buffer y);

  /** Inverse (and, with padding cropped, the adjoint) of {@link #windowPartition}. */
  void windowReverse(WindowShape shape, Buffer x, Buffer y);
}
