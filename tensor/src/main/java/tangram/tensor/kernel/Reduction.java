package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Softmax. */
public interface Reduction {
  /** Softmax over the middle dimension of x [outer, k, inner]. */
  void softmax(int outer, int k, int inner, Buffer x, Buffer y);

  /**
   * Gradient of {@link #softmax} from its output y: {@code gx = y * (gy - sum_k y gy)}; gx may be
   * gy.
   */
  void softmaxBackward(int outer, int k, int inner, Buffer y, Buffer gy, Buffer gx);
}
