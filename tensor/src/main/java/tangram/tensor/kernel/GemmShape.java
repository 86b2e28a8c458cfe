package tangram.tensor.kernel;

/**
 * Sizes of a batched matrix product.
 *
 * @param batch number of products
 * @param transA whether A is stored transposed, [k, m]
 * @param transB whether B is stored transposed, [n, k]
 * @param m rows of C
 * @param n columns of C
 * @param k inner dimension
 * @param strideA elements between consecutive A; 0 uses one A for all
 * @param strideB elements between consecutive B; 0 uses one B for all
 */
public record GemmShape(
    int batch, boolean transA, boolean transB, int m, int n, int k, int strideA, int strideB) {
  /** One product. */
  public static GemmShape of(boolean transA, boolean transB, int m, int n, int k) {
    return new GemmShape(1, transA, transB, m, n, k, 0, 0);
  }
}
