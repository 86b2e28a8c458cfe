package tangram.tensor.vector.index;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.View;
import tangram.tensor.vector.runtime.Scratch;

/** Turns indices along one dimension of a view into distances from its elements of index 0. */
final class Places {
  /** Indices that are looked at together. */
  static final int TILE = 1024;

  private static final VectorSpecies<Integer> S = IntVector.SPECIES_PREFERRED;

  private final Object storage;
  private final int length;
  private final int step;

  /** What was computed last; the calling thread's. */
  final int[] at = Scratch.ints(Scratch.SMALL, TILE);

  Places(View index, View view, int axis) {
    this.storage = index.buffer().storage();
    this.length = view.dims()[axis];
    this.step = view.strides()[axis];
  }

  /**
   * Computes {@code at[i] = step index[from + i stride] + i across} for i below n.
   *
   * @throws IndexOutOfBoundsException if an index is negative or too large
   */
  void of(int from, int stride, int n, int across) {
    // Negative if one is, or is too large.
    long wrong =
        !(storage instanceof int[])
            ? longs((long[]) storage, from, stride, n)
            : stride == 1
                ? ints((int[]) storage, from, n)
                : ints((int[]) storage, from, stride, 0, n);
    for (int i = 0; i < n && wrong < 0; i++) {
      int place = from + i * stride;
      long index = storage instanceof int[] ? ((int[]) storage)[place] : ((long[]) storage)[place];
      if (index < 0 || index >= length) {
        throw new IndexOutOfBoundsException("index " + index + " in a dimension of " + length);
      }
    }
    if (across != 0) {
      for (int i = 0; i < n; i++) {
        at[i] += i * across;
      }
    }
  }

  private int ints(int[] index, int from, int n) {
    IntVector all = IntVector.zero(S);
    int done = S.loopBound(n);
    for (int i = 0; i < done; i += S.length()) {
      IntVector place = IntVector.fromArray(S, index, from + i);
      all = place.neg().add(length - 1).or(place).or(all);
      place.mul(step).intoArray(at, i);
    }
    return IntVector.zero(S).or(all).reduceLanes(VectorOperators.OR)
        | ints(index, from, 1, done, n);
  }

  private int ints(int[] index, int from, int stride, int first, int n) {
    int wrong = 0;
    for (int i = first; i < n; i++) {
      int place = index[from + i * stride];
      wrong |= place | (length - 1 - place);
      at[i] = place * step;
    }
    return wrong;
  }

  private long longs(long[] index, int from, int stride, int n) {
    long wrong = 0;
    for (int i = 0; i < n; i++) {
      long place = index[from + i * stride];
      wrong |= place | (length - 1 - place);
      at[i] = (int) place * step;
    }
    return wrong;
  }
}
