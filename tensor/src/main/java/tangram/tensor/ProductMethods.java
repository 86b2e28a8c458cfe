package tangram.tensor;

import tangram.tensor.op.EinsumOp;
import tangram.tensor.op.MatmulOp;

/** Products of vectors, matrices and arrays of more dimensions. */
public abstract sealed class ProductMethods extends IndexMethods permits ShapeMethods {
  ProductMethods() {}

  /**
   * The matrix product {@code [..., m, k] [..., k, n]}; the dimensions before broadcast. A vector
   * is a row on the left and a column on the right, and that dimension disappears.
   */
  public final Tensor matmul(Tensor b) {
    return MatmulOp.matmul(self(), b);
  }

  /** The product of two matrices. */
  public final Tensor mm(Tensor b) {
    return MatmulOp.ofRank("mm", 2, self(), b);
  }

  /** The products of two batches of matrices, {@code [batch, m, k] [batch, k, n]}. */
  public final Tensor bmm(Tensor b) {
    return MatmulOp.ofRank("bmm", 3, self(), b);
  }

  /** The inner product of two vectors. */
  public final Tensor dot(Tensor b) {
    return MatmulOp.ofRank("dot", 1, self(), b);
  }

  /** The outer product of two vectors, {@code [n], [m] -> [n, m]}. */
  public final Tensor outer(Tensor b) {
    return MatmulOp.outer(self(), b);
  }

  /**
   * Products summed over some dimensions, as {@code "bij,bjk->bik"}: a letter for each dimension,
   * the same letter for dimensions of one size, {@code ...} for further ones, which broadcast. A
   * letter twice in one operand takes the diagonal; letters that the result does not name are
   * summed over. Without {@code ->} the result has the letters that occur once, in alphabetical
   * order.
   */
  public static Tensor einsum(String equation, Tensor... operands) {
    return EinsumOp.einsum(equation, operands);
  }

  /** Products summed over pairs of dimensions, which disappear; the others of both stay. */
  public final Tensor tensordot(Tensor b, int[] axes, int[] axesOfB) {
    return EinsumOp.tensordot(self(), b, axes, axesOfB);
  }
}
