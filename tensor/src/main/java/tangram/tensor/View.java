package tangram.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

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

  /** Other elements of the same memory. */
  public View with(int offset, int[] dims, int[] strides) {
    return new View(type, buffer, offset, dims, strides);
  }

  /** Dimension d of the result is dimension order[d], of some or all dimensions. */
  public View permute(int... order) {
    int[] toDims = new int[order.length];
    int[] toStrides = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      toDims[d] = dims[order[d]];
      toStrides[d] = strides[order[d]];
    }
    return with(offset, toDims, toStrides);
  }

  /** A number of elements from one on along a dimension. */
  public View slice(int d, int from, int count) {
    return slice(d, from, count, 1);
  }

  /** As the other, in steps. */
  public View slice(int d, int from, int count, int step) {
    int[] toDims = dims.clone();
    int[] toStrides = strides.clone();
    toDims[d] = count;
    toStrides[d] *= step;
    return with(count > 0 ? offset + from * strides[d] : offset, toDims, toStrides);
  }

  /** The elements at one place of a dimension, which disappears. */
  public View select(int d, int at) {
    int[] others = IntStream.range(0, dims.length).filter(i -> i != d).toArray();
    return slice(d, at, 1).permute(others);
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
          "cannot expand %s to %s; from the last dimension on, sizes must be equal, or 1 to be repeated"
              .formatted(Arrays.toString(dims), Arrays.toString(to)));
    }
    return with(offset, to, result);
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
