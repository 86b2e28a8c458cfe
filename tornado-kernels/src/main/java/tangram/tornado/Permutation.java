package tangram.tornado;

/**
 * A permutation of dimensions in its shortest form: without dimensions of extent 1, and with
 * dimensions that stay together taken as one.
 */
final class Permutation {
  /** Dimensions at most. */
  static final int MAX_RANK = 6;

  private final int[] extents = new int[MAX_RANK];
  private final int[] strides = new int[MAX_RANK];
  private int rank;

  private Permutation() {}

  /**
   * Shortens a permutation.
   *
   * @param shape extents of x
   * @param perm which dimension of x each dimension of y is
   */
  static Permutation of(int[] shape, int[] perm) {
    int[] stride = new int[shape.length];
    int next = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      stride[d] = next;
      next *= shape[d];
    }
    Permutation p = new Permutation();
    for (int source : perm) {
      p.append(shape[source], stride[source]);
    }
    return p;
  }

  private void append(int extent, int stride) {
    if (extent == 1) {
      return;
    }
    if (rank > 0 && strides[rank - 1] == extent * stride) {
      extents[rank - 1] *= extent;
      strides[rank - 1] = stride;
      return;
    }
    extents[rank] = extent;
    strides[rank] = stride;
    rank++;
  }

  /** Number of dimensions left. */
  int rank() {
    return rank;
  }

  /** Extent of a dimension of y; 0 beyond the rank. */
  int extent(int d) {
    return extents[d];
  }

  /** Distance in x of neighbours along a dimension of y. */
  int stride(int d) {
    return strides[d];
  }

  /** Whether y[b, j, i] = x[b, i, j]. */
  boolean isTransposition() {
    boolean last = rank >= 2 && strides[rank - 2] == 1 && strides[rank - 1] == extents[rank - 2];
    return last && (rank == 2 || (rank == 3 && strides[0] == rows() * cols()));
  }

  /** Rows of x's matrices, if this is a transposition. */
  int rows() {
    return extents[rank - 1];
  }

  /** Columns of x's matrices, if this is a transposition. */
  int cols() {
    return extents[rank - 2];
  }

  /** Number of matrices, if this is a transposition. */
  int batch() {
    return rank == 3 ? extents[0] : 1;
  }
}
