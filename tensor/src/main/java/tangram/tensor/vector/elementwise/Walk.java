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
  Walk(View... views) {
    this(areDense(views) ? null : memoryOrder(views[0]), views);
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
  Walk(int[] order, View... views) {
    if (order == null) {
      rank = 1;
      size = views[0].size();
      dims = new int[] {size};
      strides = new int[views.length][];
      Arrays.fill(strides, ONE);
      offsets = offsets(views);
      dense = new boolean[views.length];
      Arrays.fill(dense, true);
      return;
    }
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
    offsets = offsets(views);
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

  private static int[] offsets(View[] views) {
    int[] offsets = new int[views.length];
    for (int v = 0; v < views.length; v++) {
      offsets[v] = views[v] == null ? 0 : views[v].offset();
    }
    return offsets;
  }

  /** The dimensions by stride, largest first; equal ones stay in order. */
  private static int[] memoryOrder(View view) {
    int[] strides = view.strides();
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

  /** Whether all elements of a view are one. */
  boolean isRepeated(int view) {
    for (int d = 0; d < rank; d++) {
      if (strides[view][d] != 0) {
        return false;
      }
    }
    return true;
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

  /** Copies elements of one view to another of the same type. */
  void copy(int from, View source, int to, View target, int first, int n) {
    for (int done = 0; done < n; ) {
      int count = Math.min(n - done, inner() - (first + done) % inner());
      Copies.copy(
          source.type(),
          source.buffer().storage(),
          place(from, first + done),
          innerStride(from),
          target.type(),
          target.buffer().storage(),
          place(to, first + done),
          innerStride(to),
          count);
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
