package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.View;

/**
 * The common iteration over several views of one shape: dimensions along which all of them step
 * evenly are one, and the last dimension is that along which the first view has the smallest
 * stride.
 */
final class Walk {
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
  Walk(View... views) {
    this(memoryOrder(views[0]), views);
  }

  /**
   * Plans the iteration.
   *
   * @param order the dimensions to walk over, outermost first
   * @param views of one shape; null entries are left out
   */
  Walk(int[] order, View... views) {
    int kept = 0;
    int total = 1;
    for (int d : order) {
      int length = views[0].dims()[d];
      total *= length;
      if (length != 1) {
        order[kept++] = d;
      }
    }
    dims = new int[Math.max(1, kept)];
    strides = new int[views.length][Math.max(1, kept)];
    offsets = new int[views.length];
    for (int v = 0; v < views.length; v++) {
      offsets[v] = views[v] == null ? 0 : views[v].offset();
    }
    int r = 0;
    for (int k = 0; k < kept; k++) {
      int d = order[k];
      int length = views[0].dims()[d];
      if (r > 0 && continues(views, r - 1, d, length)) {
        dims[r - 1] *= length;
      } else {
        dims[r++] = length;
      }
      for (int v = 0; v < views.length; v++) {
        strides[v][r - 1] = views[v] == null ? 0 : views[v].strides()[d];
      }
    }
    if (r == 0) {
      dims[r++] = 1;
    }
    rank = r;
    size = total;
    dense = new boolean[views.length];
    for (int v = 0; v < views.length; v++) {
      dense[v] = isDense(v);
    }
  }

  /** The dimensions by stride, largest first; those that the view repeats stay where they are. */
  private static int[] memoryOrder(View view) {
    Integer[] order = new Integer[view.dims().length];
    for (int d = 0; d < order.length; d++) {
      order[d] = d;
    }
    int[] strides = view.strides();
    Arrays.sort(order, (a, b) -> Integer.compare(Math.abs(strides[b]), Math.abs(strides[a])));
    return Arrays.stream(order).mapToInt(d -> d).toArray();
  }

  /** Whether all views step over dimension d as over a part of the dimension before. */
  private boolean continues(View[] views, int before, int d, int length) {
    for (int v = 0; v < views.length; v++) {
      if (views[v] != null && strides[v][before] != (long) views[v].strides()[d] * length) {
        return false;
      }
    }
    return true;
  }

  /** Number of elements. */
  int size() {
    return size;
  }

  /** Length of the last dimension. */
  int inner() {
    return dims[rank - 1];
  }

  /** A view's stride along the last dimension. */
  int innerStride(int view) {
    return strides[view][rank - 1];
  }

  private boolean isDense(int view) {
    int step = 1;
    for (int d = rank - 1; d >= 0; d--) {
      if (dims[d] != 1 && strides[view][d] != step) {
        return false;
      }
      step *= dims[d];
    }
    return true;
  }

  /** Whether some elements of a view lie side by side in the order of the iteration. */
  boolean isRun(int view, int from, int n) {
    return dense[view] || (innerStride(view) == 1 && from % inner() + n <= inner());
  }

  /** Place of an element of a view, by its number in the order of the iteration. */
  int place(int view, int element) {
    int at = offsets[view];
    int rest = element;
    for (int d = rank - 1; d > 0 && rest != 0; d--) {
      at += rest % dims[d] * strides[view][d];
      rest /= dims[d];
    }
    return at + rest * strides[view][0];
  }

  /** Copies elements from, ..., from + n - 1 of a view, shifted, into consecutive places. */
  void gather(int index, View view, int shift, int from, int n, DType type, Object to, int at) {
    Object storage = view.buffer().storage();
    int stride = innerStride(index);
    for (int done = 0; done < n; ) {
      int start = place(index, from + done) + shift;
      int count = Math.min(n - done, inner() - (from + done) % inner());
      Copies.copy(view.type(), storage, start, stride, type, to, at + done, 1, count);
      done += count;
    }
  }

  /** Copies consecutive values into elements from, ..., from + n - 1 of a view. */
  void scatter(int index, View view, int from, int n, DType type, Object values, int at) {
    Object storage = view.buffer().storage();
    int stride = innerStride(index);
    for (int done = 0; done < n; ) {
      int start = place(index, from + done);
      int count = Math.min(n - done, inner() - (from + done) % inner());
      Copies.copy(type, values, at + done, 1, view.type(), storage, start, stride, count);
      done += count;
    }
  }
}
