package tangram.tensor;

import java.util.Arrays;

/** The dimensions of a tensor, outermost first. Immutable; a scalar has no dimensions. */
public final class Shape {
  private static final long MOST = Integer.MAX_VALUE - 64;

  private final int[] dims;
  private final int size;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
      }
      product = Math.min(product * d, MOST + 1);
    }
    if (product > MOST) {
      throw new IllegalArgumentException(
          "a tensor of shape %s is too large: at most %s elements fit"
              .formatted(Arrays.toString(dims), MOST));
    }
    this.size = (int) product;
  }

  /** A shape of the given dimensions. */
  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** Dimension i; negative i counts from the end. */
  public int dim(int i) {
    int j = i < 0 ? i + dims.length : i;
    if (j < 0 || j >= dims.length) {
      throw new IllegalArgumentException("dimension " + i + " of a tensor of shape " + this);
    }
    return dims[j];
  }

  /** The dimensions, a copy. */
  public int[] dims() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape && Arrays.equals(dims, ((Shape) other).dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
