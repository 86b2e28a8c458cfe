package tangram.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * For devices: the common iteration over several operands of one shape. Dimensions along which all
 * of them step evenly are one, those of size 1 are left out.
 */
public final class Walk {
  private static final int[] ONE = {1};

  private final int rank;
  private final int[] dims;
  private final int[][] strides;
  private final int[] offsets;
  private final int size;
  private final boolean[] dense;

  /**
   * Plans the iteration in the order in which the first view lies in memory.
   *
   * @param views of one shape; null entries are left out
   */
  public Walk(View... views) {
    this(areDense(views) ? null : memoryOrder(views[0].strides()), views);
  }

  /** The common case, which costs nothing to plan: one dimension. */
  private static boolean areDense(View[] views) {
    for (View view : views) {
      if (view != null && !view.isDense()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Plans the iteration.
   *
   * @param order the dimensions to walk over, outermost first; null for views that are dense
   * @param views of one shape; null entries are left out
   */
  public Walk(int[] order, View... views) {
    this(order, views[0].dims(), strides(order, views), offsets(views));
  }

  private static int[][] strides(int[] order, View[] views) {
    int[][] strides = new int[views.length][];
    for (int v = 0; v < views.length; v++) {
      strides[v] = order == null ? ONE : views[v] == null ? null : views[v].strides();
    }
    return strides;
  }

  private static int[] offsets(View[] views) {
    int[] offsets = new int[views.length];
    for (int v = 0; v < views.length; v++) {
      offsets[v] = views[v] == null ? 0 : views[v].offset();
    }
    return offsets;
  }

  /**
   * Plans the iteration.
   *
   * @param order the dimensions to walk over, outermost first; null for operands that are dense
   * @param shape of all operands
   * @param steps the operands' strides; null entries are left out
   * @param offsets the places of the operands' first elements
   */
  public Walk(int[] order, int[] shape, int[][] steps, int[] offsets) {
    this.offsets = offsets;
    dense = new boolean[steps.length];
    if (order == null) {
      rank = 1;
      size = count(shape);
      dims = new int[] {size};
      strides = steps;
      Arrays.fill(dense, true);
      return;
    }
    dims = new int[Math.max(1, order.length)];
    strides = new int[steps.length][dims.length];
    int r = 0;
    for (int d : order) {
      if (shape[d] == 1) {
        continue;
      }
      if (r > 0 && continues(steps, r - 1, d, shape[d])) {
        dims[r - 1] *= shape[d];
      } else {
        dims[r++] = shape[d];
      }
      for (int v = 0; v < steps.length; v++) {
        strides[v][r - 1] = steps[v] == null ? 0 : steps[v][d];
      }
    }
    if (r == 0) {
      dims[r++] = 1;
    }
    rank = r;
    size = size(0, rank);
    for (int v = 0; v < dense.length; v++) {
      dense[v] = isDense(v);
    }
  }

  /** The dimensions by stride, largest first; equal ones stay in their order. */
  public static int[] memoryOrder(int[] strides) {
    int[] order = new int[strides.length];
    for (int d = 0; d < order.length; d++) {
      int at = d;
      for (; at > 0 && Math.abs(strides[order[at - 1]]) < Math.abs(strides[d]); at--) {
        order[at] = order[at - 1];
      }
      order[at] = d;
    }
    return order;
  }

  /** The dimensions that a fold keeps, then those that it folds: of size 1 in its result alone. */
  public static int[] foldOrder(int[] dims, int[] result) {
    IntStream kept = IntStream.range(0, dims.length).filter(d -> dims[d] == result[d]);
    IntStream folded = IntStream.range(0, dims.length).filter(d -> dims[d] != result[d]);
    return IntStream.concat(kept, folded).toArray();
  }

  private static int count(int[] shape) {
    int count = 1;
    for (int length : shape) {
      count *= length;
    }
    return count;
  }

  /** Whether all operands step over dimension d as over a part of the dimension before. */
  private boolean continues(int[][] steps, int before, int d, int length) {
    for (int v = 0; v < steps.length; v++) {
      if (steps[v] != null && strides[v][before] != (long) steps[v][d] * length) {
        return false;
      }
    }
    return true;
  }

  /** Number of operands. */
  public int operands() {
    return strides.length;
  }

  /** Number of dimensions. */
  public int rank() {
    return rank;
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** Number of elements of some dimensions. */
  public int size(int from, int to) {
    int count = 1;
    for (int d = from; d < to; d++) {
      count *= dims[d];
    }
    return count;
  }

  /** A dimension. */
  public int dim(int d) {
    return dims[d];
  }

  /** An operand's stride. */
  public int stride(int operand, int d) {
    return strides[operand][d];
  }

  /** Length of the last dimension. */
  public int inner() {
    return dims[rank - 1];
  }

  /** An operand's stride along the last dimension. */
  public int innerStride(int operand) {
    return strides[operand][rank - 1];
  }

  private boolean isDense(int operand) {
    int step = 1;
    for (int d = rank - 1; d >= 0; d--) {
      if (dims[d] != 1 && strides[operand][d] != step) {
        return false;
      }
      step *= dims[d];
    }
    return true;
  }

  /** Whether some elements of an operand lie side by side in the order of the iteration. */
  public boolean isRun(int operand, int from, int n) {
    return dense[operand] || (innerStride(operand) == 1 && from % inner() + n <= inner());
  }

  /** Place of an operand's element, by its number in the order of the iteration. */
  public int place(int operand, int element) {
    return place(operand, rank, element);
  }

  /** Place of an operand's first element at an index into the first dimensions. */
  public int place(int operand, int dimensions, int index) {
    int at = offsets[operand];
    int rest = index;
    for (int d = dimensions - 1; d >= 0 && rest != 0; d--) {
      int outer = d == 0 ? 0 : rest / dims[d];
      at += (rest - outer * dims[d]) * strides[operand][d];
      rest = outer;
    }
    return at;
  }
}
