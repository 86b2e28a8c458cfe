package tangram.tensor.op;

import java.util.Arrays;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Window;

/** Options of convolution and pooling, checked and taken apart by dimension. */
final class Windows {
  private Windows() {}

  /** Inputs are [N, C, ...] or [C, ...] with one to three dimensions more. */
  static void rank(String name, int rank, Tensor x) {
    Checks.that(rank >= 1 && rank <= 3, () -> name + ": one to three dimensions, not " + rank);
    Checks.that(
        x.shape().rank() == rank + 2 || x.shape().rank() == rank + 1,
        () ->
            "%s needs an input of %s dimensions, or %s without those of a batch, not %s"
                .formatted(name, rank + 2, rank + 1, x.shape()));
  }

  /** The number for a dimension of an option that has one for each, or one for all. */
  static int at(String name, String option, int[] values, int d, int rank, int least) {
    Checks.that(
        values.length == 1 || values.length == rank,
        () ->
            "%s: %s %s where one number, or one for each of %s dimensions, would fit"
                .formatted(name, option, Arrays.toString(values), rank));
    int value = values.length == 1 ? values[0] : values[d];
    Checks.that(
        value >= least, () -> name + ": " + option + " is at least " + least + ", not " + value);
    return value;
  }

  /** A window along one dimension of an input. */
  static Window of(
      String name,
      Shape input,
      int size,
      int kernel,
      int stride,
      int begin,
      int end,
      int dilation) {
    long padded = (long) size + begin + end;
    Checks.that(
        size > 0 && padded >= dilation * (kernel - 1L) + 1,
        () ->
            "%s: a kernel of %s%s does not fit into %s elements, with padding, of an input %s"
                .formatted(
                    name,
                    kernel,
                    dilation == 1 ? "" : " with dilation " + dilation,
                    padded,
                    input));
    return new Window(size, kernel, stride, begin, end, dilation);
  }
}
