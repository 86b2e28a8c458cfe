package tangram.tornado;

import java.util.List;

/** Dimensions that several operands share, those along which all step evenly made one. */
final class Strides {
  private final int[] dims;
  private final int[][] strides;
  private final int rank;
  private final int size;

  /**
   * Plans the walk.
   *
   * @param shape the dimensions
   * @param operands strides of each operand; null entries are left out
   */
  Strides(int[] shape, List<int[]> operands) {
    dims = new int[Math.max(1, shape.length)];
    strides = new int[operands.size()][dims.length];
    int r = 0;
    int total = 1;
    for (int d = 0; d < shape.length; d++) {
      total *= shape[d];
      if (shape[d] == 1) {
        continue;
      }
      if (r > 0 && continues(operands, r - 1, d, shape[d])) {
        dims[r - 1] *= shape[d];
      } else {
        dims[r++] = shape[d];
      }
      for (int v = 0; v < operands.size(); v++) {
        strides[v][r - 1] = operands.get(v) == null ? 0 : operands.get(v)[d];
      }
    }
    if (r == 0) {
      dims[r++] = 1;
    }
    rank = r;
    size = total;
  }

  private boolean continues(List<int[]> operands, int before, int d, int length) {
    for (int v = 0; v < operands.size(); v++) {
      if (operands.get(v) != null && strides[v][before] != (long) operands.get(v)[d] * length) {
        return false;
      }
    }
    return true;
  }

  int rank() {
    return rank;
  }

  int size() {
    return size;
  }

  /** Number of elements of some dimensions. */
  int size(int from, int to) {
    int count = 1;
    for (int d = from; d < to; d++) {
      count *= dims[d];
    }
    return count;
  }

  int dim(int d) {
    return dims[d];
  }

  int stride(int operand, int d) {
    return strides[operand][d];
  }

  /** How far an operand has stepped at an index into the first dimensions. */
  int shift(int operand, int outer, int index) {
    int shift = 0;
    int rest = index;
    for (int d = outer - 1; d >= 0; d--) {
      shift += rest % dims[d] * strides[operand][d];
      rest /= dims[d];
    }
    return shift;
  }
}
