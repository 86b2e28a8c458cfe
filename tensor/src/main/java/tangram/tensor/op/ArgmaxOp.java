package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.Tensor;

/** Index of the first largest element along one dimension, as integers; not differentiable. */
public final class ArgmaxOp {
  private ArgmaxOp() {}

  /**
   * Finds the largest.
   *
   * @param x any shape
   * @param dim the dimension to search, which the result lacks; negative counts from the end
   */
  public static Tensor argmax(Tensor x, int dim) {
    Checks.reals("argmax", x);
    Checks.notEmpty("argmax", x);
    int[] split = Checks.split(x.shape(), dim);
    int[] dims = x.shape().dims();
    int removed = dim < 0 ? dim + dims.length : dim;
    int[] rest = new int[dims.length - 1];
    for (int i = 0, j = 0; i < dims.length; i++) {
      if (i != removed) {
        rest[j++] = dims[i];
      }
    }
    Tensor y = x.device().uninitializedInts(rest);
    x.device().kernels().reduction().argmax(split[0], split[1], split[2], x.buffer(), y.buffer());
    Reference.reachabilityFence(x);
    return y;
  }
}
