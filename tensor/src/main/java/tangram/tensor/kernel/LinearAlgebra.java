package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Matrix products. */
public interface LinearAlgebra {
  /**
   * Batched matrix product {@code C[b] = op(A[b]) op(B[b])}, or {@code C[b] += ...}.
   *
   * @param shape sizes, transpositions and batch strides
   * @param a A, stored [m, k], or [k, m] if transposed
   * @param b B, stored [k, n], or [n, k] if transposed
   * @param c C, stored [m, n]
   * @param accumulate whether the product is added to what C holds
   */
  void gemm(GemmShape shape, Buffer a, Buffer b, Buffer c, boolean accumulate);

  /**
   * The product of {@link #gemm} with a bias added to every row.
   *
   * @param bias [n]
   */
  void linear(GemmShape shape, Buffer a, Buffer b, Buffer bias, Buffer c);

  /**
   * The product of {@link #gemm}, of a transposed A and one batch, and the sums of the columns of A
   * as it is stored. Where A is the gradient of {@link #linear}, they are the gradients of weights
   * and bias.
   *
   * @param sums [m]
   */
  void linearGradient(GemmShape shape, Buffer a, Buffer b, Buffer c, Buffer sums);
}
