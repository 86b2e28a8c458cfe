package tangram.tensor;

import java.util.Arrays;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.IndexOp;
import tangram.tensor.op.JoinOp;
import tangram.tensor.op.ViewOp;

/**
 * What {@link Tensor} can do with its dimensions. Unless a method says that it copies, its result
 * is a view of the same memory: what is written to one shows in the other.
 */
public abstract sealed class ShapeMethods extends ProductMethods permits Tensor {
  ShapeMethods() {}

  /** Dimension d of the result is dimension order[d]. */
  public final Tensor permute(int... order) {
    return ViewOp.permute(self(), order);
  }

  /** Exchanges two dimensions. */
  public final Tensor transpose(int axis1, int axis2) {
    int[] order = new int[self().shape().rank()];
    Arrays.setAll(order, d -> d);
    int a = axis("transpose", axis1);
    int b = axis("transpose", axis2);
    order[a] = b;
    order[b] = a;
    return ViewOp.permute(self(), order);
  }

  /** The transpose of a matrix. */
  public final Tensor t() {
    return transpose(0, 1);
  }

  /** Repeats elements along dimensions of size 1 and along new ones in front; -1 keeps a size. */
  public final Tensor expand(int... dims) {
    return ViewOp.expand(self(), dims);
  }

  /**
   * The elements from start to end (exclusive) along a dimension; negative numbers count from the
   * end.
   */
  public final Tensor slice(int axis, int start, int end) {
    return ViewOp.slice(self(), axis, start, end, 1);
  }

  /** As {@link #slice(int, int, int)}, every step-th element. */
  public final Tensor slice(int axis, int start, int end, int step) {
    return ViewOp.slice(self(), axis, start, end, step);
  }

  /**
   * A number of elements along a dimension.
   *
   * @throws IllegalArgumentException if there are fewer
   */
  public final Tensor narrow(int axis, int start, int length) {
    int all = self().dim(axis("narrow", axis));
    int from = start < 0 ? start + all : start;
    if (from < 0 || length < 0 || from > all - length) {
      throw new IllegalArgumentException(
          "narrow: no %s elements from %s along dimension %s of %s"
              .formatted(length, start, axis, self().shape()));
    }
    return ViewOp.slice(self(), axis, from, from + length, 1);
  }

  /** The elements at one place of a dimension, which disappears. */
  public final Tensor select(int axis, int index) {
    return ViewOp.select(self(), axis, index);
  }

  /** Reverses the order along some dimensions. */
  public final Tensor flip(int... axes) {
    return ViewOp.flip(self(), axes);
  }

  /** The diagonal of two dimensions, which becomes the last one. */
  public final Tensor diagonal(int offset, int axis1, int axis2) {
    return ViewOp.diagonal(self(), offset, axis1, axis2);
  }

  /** The diagonal of a matrix. */
  public final Tensor diagonal() {
    return diagonal(0, 0, 1);
  }

  /** The same elements in another shape; one size may be -1. Copies where it must. */
  public final Tensor reshape(int... dims) {
    return ViewOp.reshape(self(), dims);
  }

  /** One dimension. Copies where it must. */
  public final Tensor flatten() {
    return reshape(-1);
  }

  /**
   * Makes the dimensions from first to last (inclusive) one; as in PyTorch, a number becomes an
   * array of one. Copies where it must.
   */
  public final Tensor flatten(int first, int last) {
    if (self().shape().rank() == 0 && first >= -1 && first <= 0 && last >= -1 && last <= 0) {
      return reshape(1);
    }
    int a = axis("flatten", first);
    int b = axis("flatten", last);
    int[] dims = self().shape().dims();
    if (a > b) {
      throw new IllegalArgumentException(
          "flatten: dimension " + first + " of " + self().shape() + " is behind " + last);
    }
    int[] to = new int[dims.length - (b - a)];
    for (int d = 0; d < to.length; d++) {
      to[d] = d < a ? dims[d] : d == a ? 1 : dims[d + b - a];
    }
    for (int d = a; d <= b; d++) {
      to[a] *= dims[d];
    }
    return reshape(to);
  }

  /** Without the dimensions named if they have size 1; without all of size 1 if none is named. */
  public final Tensor squeeze(int... axes) {
    Shape shape = self().shape();
    boolean[] named = new boolean[shape.rank()];
    Arrays.fill(named, axes.length == 0);
    for (int axis : axes) {
      named[axis("squeeze", axis)] = true;
    }
    int[] dims = new int[shape.rank()];
    int count = 0;
    for (int d = 0; d < dims.length; d++) {
      if (!named[d] || shape.dim(d) != 1) {
        dims[count++] = shape.dim(d);
      }
    }
    return reshape(Arrays.copyOf(dims, count));
  }

  /** With a dimension of size 1 more; -1 puts it last. */
  public final Tensor unsqueeze(int axis) {
    int[] dims = self().shape().dims();
    int at = axis < 0 ? axis + dims.length + 1 : axis;
    if (at < 0 || at > dims.length) {
      throw new IllegalArgumentException(
          "unsqueeze: no place " + axis + " for a new dimension in " + self().shape());
    }
    int[] to = new int[dims.length + 1];
    for (int d = 0; d < to.length; d++) {
      to[d] = d < at ? dims[d] : d == at ? 1 : dims[d - 1];
    }
    return reshape(to);
  }

  /** The elements one after the other: a copy, unless they are. */
  public final Tensor contiguous() {
    return ViewOp.contiguous(self());
  }

  /** A copy. */
  public final Tensor copy() {
    return ViewOp.copy(self());
  }

  /** Cuts a dimension into parts of a size; the last may be smaller. */
  public final Tensor[] split(int size, int axis) {
    if (size < 1) {
      throw new IllegalArgumentException("split: parts have at least one element, not " + size);
    }
    int length = self().dim(axis("split", axis));
    Tensor[] parts = new Tensor[Math.max(1, (length + size - 1) / size)];
    Arrays.setAll(parts, i -> slice(axis, i * size, Math.min(length, (i + 1) * size)));
    return parts;
  }

  /** Cuts a dimension into at most a number of parts of equal size; the last may be smaller. */
  public final Tensor[] chunk(int parts, int axis) {
    if (parts < 1) {
      throw new IllegalArgumentException("chunk: at least one part, not " + parts);
    }
    return split(Math.max(1, (self().dim(axis("chunk", axis)) + parts - 1) / parts), axis);
  }

  /** Joins tensors along a dimension. Copies. */
  public static Tensor cat(int axis, Tensor... parts) {
    return JoinOp.cat(axis, parts);
  }

  /** Joins tensors of one shape along a new dimension. Copies. */
  public static Tensor stack(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("stack of no tensors");
    }
    Tensor[] opened = new Tensor[parts.length];
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] == null) {
        throw new IllegalArgumentException("stack: an operand is null");
      }
      opened[i] = parts[i].unsqueeze(axis);
    }
    return JoinOp.cat(axis, opened);
  }

  /** Puts copies of the whole beside each other, counts[d] along dimension d. Copies. */
  public final Tensor repeat(int... counts) {
    return JoinOp.repeat(self(), counts);
  }

  /** Adds elements of one value around; before and after each dimension, from the first. Copies. */
  public final Tensor pad(double value, int... beforeAndAfter) {
    return JoinOp.pad(self(), value, beforeAndAfter);
  }

  /** Moves elements along a dimension; what leaves at the end comes back at the start. Copies. */
  public final Tensor roll(int shift, int axis) {
    int length = self().dim(axis("roll", axis));
    int cut = length == 0 ? 0 : Math.floorMod(-shift, length);
    return JoinOp.cat(axis, slice(axis, cut, length), slice(axis, 0, cut));
  }

  /** The matrices' elements on and below a diagonal, elsewhere 0. Copies. */
  public final Tensor tril(int diagonal) {
    return JoinOp.triangle(self(), diagonal, true);
  }

  /** The matrices' elements on and above a diagonal, elsewhere 0. Copies. */
  public final Tensor triu(int diagonal) {
    return JoinOp.triangle(self(), diagonal, false);
  }

  /**
   * A new last dimension with 1 at the place that an integer names, and 0 elsewhere. Copies.
   *
   * @param classes its size
   * @throws IllegalArgumentException if an integer is not one of 0, ..., classes - 1; on the device
   *     {@code tornado} its elements are the smallest integer instead
   */
  public final Tensor oneHot(int classes) {
    return IndexOp.oneHot(self(), classes);
  }

  private int axis(String name, int axis) {
    return FoldOp.axis(name, self().shape(), axis);
  }
}
