package tangram.tensor.kernel;

import tangram.tensor.View;

/**
 * Elements by their places, orders, and random numbers; over views of any type and strides. All
 * views of a call have one rank. Indices are of type {@code I32} or {@code I64}; one outside 0,
 * ..., n - 1 is an {@link IndexOutOfBoundsException}, or, on a device whose work is not waited for,
 * makes the results that depend on it NaN (of integers, the smallest).
 */
public interface Indexing {
  /**
   * {@code y[.., i, ..] = x[.., index[.., i, ..], ..]}.
   *
   * @param x of the shape of y but along the axis
   * @param index of the shape of y
   */
  void gather(View x, View index, int axis, View y);

  /**
   * {@code y[.., index[.., i, ..], ..] = x[.., i, ..]} in order of i, so the last of several stays;
   * or {@code +=}.
   *
   * @param index of the shape of x
   * @param y of the shape of x but along the axis
   * @param add whether elements are added to what y holds
   */
  void scatter(View x, View index, int axis, View y, boolean add);

  /**
   * {@code y_i = x_0 op x_1 op ... op x_i} along an axis. Backwards by views with negative strides.
   *
   * @param reducer SUM or PRODUCT
   * @param y of the shape of x; may be x
   */
  void scan(Reducer reducer, View x, int axis, View y);

  /**
   * The places of the elements along an axis in ascending or descending order. Equal ones stay in
   * their order; NaN is larger than every number, as in PyTorch.
   *
   * @param places of the shape of x
   */
  void sort(View x, int axis, boolean descending, View places);

  /**
   * Random integers below a bound: the i-th element, in row-major order, is {@code floor(w * bound
   * / 2^32)}, where w is the word offset + i of the stream {@link
   * tangram.tensor.CounterRandom#ELEMENTS} of a seed; the same numbers on every device.
   *
   * @param bound at most 2^32
   */
  void random(long seed, long offset, long bound, View y);
}
