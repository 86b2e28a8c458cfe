package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/**
 * A sparse matrix by rows: row i has the elements {@code start[i]}, ..., {@code start[i + 1] - 1},
 * each with a column and a weight.
 *
 * @param rows number of rows
 * @param cols number of columns
 * @param start integers [rows + 1]; null for the identity
 * @param column integers
 * @param weight real numbers
 */
public record Sparse(int rows, int cols, Buffer start, Buffer column, Buffer weight) {
  /** The identity. */
  public static Sparse identity(int size) {
    return new Sparse(size, size, null, null, null);
  }

  /** Whether this is the identity. */
  public boolean isIdentity() {
    return start == null;
  }
}
