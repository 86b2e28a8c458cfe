package tangram.tensor.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import tangram.tensor.CounterRandom;
import tangram.tensor.View;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Reducer;

/** {@link Indexing}, element by element. */
final class ReferenceIndexing implements Indexing {
  /** What is done with every element of a shape. */
  private interface Each {
    void at(int[] place);
  }

  private static void each(int[] dims, Each body) {
    int[] at = new int[dims.length];
    for (int i = IntStream.of(dims).reduce(1, (a, b) -> a * b); i > 0; i--) {
      body.at(at);
      Elements.next(at, dims);
    }
  }

  /** The place in a view that an index leads to. */
  private static int indexed(View view, View index, int axis, int[] at) {
    long i = Elements.integer(index, Elements.place(index, at));
    int place = Elements.place(view, at) - at[axis] * view.strides()[axis];
    return place
        + Math.toIntExact(Math.multiplyExact(check(i, view.dims()[axis]), view.strides()[axis]));
  }

  private static long check(long index, int length) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException("index " + index + " in a dimension of " + length);
    }
    return index;
  }

  @Override
  public void gather(View x, View index, int axis, View y) {
    each(y.dims(), at -> copy(x, indexed(x, index, axis, at), y, Elements.place(y, at), false));
  }

  @Override
  public void scatter(View x, View index, int axis, View y, boolean add) {
    each(x.dims(), at -> copy(x, Elements.place(x, at), y, indexed(y, index, axis, at), add));
  }

  private static void copy(View x, int from, View y, int to, boolean add) {
    if (x.type().isReal()) {
      Elements.put(y, to, Elements.real(x, from) + (add ? Elements.real(y, to) : 0));
    } else {
      Elements.put(y, to, Elements.integer(x, from) + (add ? Elements.integer(y, to) : 0));
    }
  }

  /** The first element of each line along an axis. */
  private static void lines(View x, int axis, Each body) {
    int[] dims = x.dims().clone();
    dims[axis] = Math.min(1, dims[axis]);
    each(dims, body);
  }

  @Override
  public void scan(Reducer reducer, View x, int axis, View y) {
    lines(
        x,
        axis,
        at -> {
          double real = reducer.identity();
          long integer = reducer.integerIdentity();
          for (int i = 0; i < x.dims()[axis]; i++) {
            int from = Elements.place(x, at) + i * x.strides()[axis];
            int to = Elements.place(y, at) + i * y.strides()[axis];
            if (x.type().isReal()) {
              real = reducer.combine(real, Elements.real(x, from));
              Elements.put(y, to, real);
            } else {
              integer = reducer.combine(integer, Elements.integer(x, from));
              Elements.put(y, to, integer);
            }
          }
        });
  }

  @Override
  public void sort(View x, int axis, boolean descending, View places) {
    int stride = x.strides()[axis];
    lines(
        x,
        axis,
        at -> {
          int first = Elements.place(x, at);
          Comparator<Integer> order =
              x.type().isReal()
                  ? Comparator.comparingDouble(i -> Elements.real(x, first + i * stride) + 0.0)
                  : Comparator.comparingLong(i -> Elements.integer(x, first + i * stride));
          Integer[] sorted = new Integer[x.dims()[axis]];
          Arrays.setAll(sorted, i -> i);
          Arrays.sort(sorted, descending ? order.reversed() : order);
          for (int i = 0; i < sorted.length; i++) {
            int to = Elements.place(places, at) + i * places.strides()[axis];
            Elements.put(places, to, (long) sorted[i]);
          }
        });
  }

  @Override
  public void random(long seed, long offset, long bound, View y) {
    long[] next = {offset};
    each(
        y.dims(),
        at -> {
          long word = CounterRandom.element(seed, next[0]++) & 0xFFFFFFFFL;
          Elements.put(y, Elements.place(y, at), Math.unsignedMultiplyHigh(word << 32, bound));
        });
  }
}
