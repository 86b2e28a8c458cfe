package tangram.tensor;

import java.util.Arrays;

/**
 * How the elements of an array lie in memory: element (i0, i1, ...) is at {@code offset + i0 *
 * strides[0] + i1 * strides[1] + ...} of the storage. A stride of 0 repeats elements, a negative
 * one reverses them.
 *
 * @param type the type of the elements
 * @param buffer owns the memory
 * @param offset place of the first element in the buffer's storage
 * @param dims the dimensions
 * @param strides elements between neighbours along each dimension
 */
public record View(DType type, Buffer buffer, int offset, int[] dims, int[] strides) {
  /** All elements of a buffer in row-major order. */
  public static View dense(DType type, Buffer buffer, int... dims) {
    return new View(type, buffer, buffer.offset(), dims, rowMajor(dims));
  }

  /** Strides of a dense array: the last dimension varies fastest. */
  public static int[] rowMajor(int... dims) {
    int[] strides = new int[dims.length];
    int step = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= dims[d];
    }
    return strides;
  }

  /** Number of elements. */
  public int size() {
    int size = 1;
    for (int d : dims) {
      size *= d;
    }
    return size;
  }

  /** Whether the elements lie one after the other in row-major order. */
  public boolean isDense() {
    int step = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      if (dims[d] != 1 && strides[d] != step) {
        return size() == 0;
      }
      step *= dims[d];
    }
    return true;
  }

  /**
   * The same elements repeated to a larger shape: as in NumPy, dimensions are added in front, and
   * those of one element are repeated.
   *
   * @throws IllegalArgumentException if the shape does not fit
   */
  public View expand(int... to) {
    int[] result = new int[to.length];
    int added = to.length - dims.length;
    boolean fits = added >= 0;
    for (int d = 0; fits && d < dims.length; d++) {
      fits = dims[d] == to[added + d] || dims[d] == 1;
      result[added + d] = dims[d] == 1 ? 0 : strides[d];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "cannot expand "
              + Arrays.toString(dims)
              + " to "
              + Arrays.toString(to)
              + "; from the last dimension on, sizes must be equal, or 1 to be repeated");
    }
    return new View(type, buffer, offset, to, result);
  }

  /**
   * The type in which a formula over some views is computed: {@code F64} or {@code F32} if one of
   * them holds such numbers, else {@code I64}.
   *
   * @param inputs null entries count for nothing
   * @param y the output, which counts if it holds real numbers
   */
  public static DType computeType(View[] inputs, View y) {
    DType type = y.type.isReal() ? DType.promote(y.type, DType.F32) : DType.I64;
    for (View view : inputs) {
      if (view != null) {
        type = DType.promote(type, view.type);
      }
    }
    return type.isReal() ? DType.promote(type, DType.F32) : type;
  }
}
