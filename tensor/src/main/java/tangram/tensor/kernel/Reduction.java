package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Reductions and softmax. Their order of summation is fixed. */
public interface Reduction {
  /** y[0] = sum of all elements of x. */
  void sum(Buffer x, Buffer y);

  /** Column sums: x [rows, cols] to y [cols]. */
  void sumRows(int rows, int cols, Buffer x, Buffer y);

  /** Channel sums: x [n, c, hw] to y [c]. */
  void sumChannels(int n, int c, int hw, Buffer x, Buffer y);

  /** Softmax over the middle dimension of x [outer, k, inner]. */
  void softmax(int outer, int k, int inner, Buffer x, Buffer y);

  /**
   * Gradient of {@link #softmax} from its output y: {@code gx = y * (gy - sum_k y gy)}; gx may be
   * gy.
   */
  void softmaxBackward(int outer, int k, int inner, Buffer y, Buffer gy, Buffer gx);

  /** Index of the first largest element over the middle dimension: integers y [outer, inner]. */
  void argmax(int outer, int k, int inner, Buffer x, Buffer y);
}
