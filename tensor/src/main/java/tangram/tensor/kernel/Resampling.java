package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/**
 * Resizing and pooling. Whatever is linear and acts on each dimension by itself, such as
 * interpolation and averages, is a product with sparse matrices, and its gradient one with their
 * transposes.
 */
public interface Resampling {
  /**
   * {@code y[p, i, j] = sum over s, t of rows(i, s) * cols(j, t) * x[p, s, t]}.
   *
   * @param x [planes, rows.cols, cols.cols]
   * @param y [planes, rows.rows, cols.rows]
   */
  void resample(int planes, Sparse rows, Sparse cols, Buffer x, Buffer y);

  /**
   * The largest element of every window, the first one of several; NaN is larger than all.
   *
   * @param y the elements
   * @param index integers: where they are among the positions of their channel
   */
  void maxPool(PoolShape shape, Buffer x, Buffer y, Buffer index);

  /** Gradient of {@link #maxPool}: gx = 0, then gx[index] += gy in order. */
  void maxPoolBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx);
}
