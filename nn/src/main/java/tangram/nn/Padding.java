package tangram.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tangram.tensor.Tensor;

/** Margins around arrays: {@code torch.nn.functional.pad}. */
public final class Padding {
  /** What margins are made of. */
  public enum Mode {
    /** Zeros. */
    ZEROS,
    /** The elements beside the border backwards, without that at the border. */
    REFLECT,
    /** The element at the border. */
    REPLICATE,
    /** The elements from the other end. */
    CIRCULAR
  }

  private Padding() {}

  /**
   * Adds margins around the last dimensions.
   *
   * @param begin elements before each of these dimensions
   * @param end elements behind each
   */
  public static Tensor pad(Tensor x, Mode mode, int[] begin, int[] end) {
    int rank = x.shape().rank();
    int count = begin.length;
    if (count != end.length || count > rank) {
      throw new IllegalArgumentException(
          "margins %s and %s for an array of shape %s"
              .formatted(Arrays.toString(begin), Arrays.toString(end), x.shape()));
    }
    if (mode == Mode.ZEROS) {
      int[] all = new int[2 * rank];
      for (int d = 0; d < count; d++) {
        all[2 * (rank - count + d)] = begin[d];
        all[2 * (rank - count + d) + 1] = end[d];
      }
      return x.pad(0, all);
    }
    Tensor y = x;
    for (int d = 0; d < count; d++) {
      if (begin[d] != 0 || end[d] != 0) {
        Tensor wider = pad(y, mode, rank - count + d, begin[d], end[d]);
        if (y != x) {
          y.release();
        }
        y = wider;
      }
    }
    return y;
  }

  private static Tensor pad(Tensor x, Mode mode, int axis, int before, int after) {
    int size = x.dim(axis);
    int most = mode == Mode.REFLECT ? size - 1 : mode == Mode.CIRCULAR ? size : Integer.MAX_VALUE;
    if (before < 0 || after < 0 || size == 0 || before > most || after > most) {
      throw new IllegalArgumentException(
          "margins of %d and %d along dimension %d of %s; %s"
              .formatted(
                  before,
                  after,
                  axis,
                  x.shape(),
                  mode == Mode.REFLECT
                      ? "reflections are 0 to one less than the size"
                      : mode == Mode.CIRCULAR
                          ? "circular ones are 0 to the size"
                          : "they are 0 or more, of at least one element"));
    }
    List<Tensor> parts = new ArrayList<>();
    if (before > 0) {
      parts.add(margin(x, mode, axis, before, true));
    }
    parts.add(x);
    if (after > 0) {
      parts.add(margin(x, mode, axis, after, false));
    }
    return Tensor.cat(axis, parts.toArray(Tensor[]::new));
  }

  private static Tensor margin(Tensor x, Mode mode, int axis, int length, boolean first) {
    int size = x.dim(axis);
    if (mode == Mode.REPLICATE) {
      int[] dims = x.shape().dims();
      dims[axis] = length;
      return x.narrow(axis, first ? 0 : size - 1, 1).expand(dims);
    }
    if (mode == Mode.CIRCULAR) {
      return x.narrow(axis, first ? size - length : 0, length);
    }
    return x.narrow(axis, first ? 1 : size - 1 - length, length).flip(axis);
  }
}
