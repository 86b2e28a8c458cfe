package tangram.tensor.op;

import java.util.function.Supplier;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Shape rules shared by the operations; every message names the shapes at fault. */
final class Checks {
  private Checks() {}

  static void that(boolean condition, Supplier<String> message) {
    if (!condition) {
      throw new IllegalArgumentException(message.get());
    }
  }

  static void sameDevice(Tensor a, Tensor b) {
    if (a.device() != b.device()) {
      throw new IllegalArgumentException(
          "one tensor is on " + a.device() + ", the other on " + b.device());
    }
  }

  static void sameShape(String operation, Tensor a, Tensor b) {
    sameDevice(a, b);
    if (!a.shape().equals(b.shape())) {
      throw new IllegalArgumentException(
          operation + ": shapes differ, " + a.shape() + " and " + b.shape());
    }
  }

  static void rank(String operation, Tensor x, int rank) {
    if (x.shape().rank() != rank) {
      throw new IllegalArgumentException(
          operation + " needs " + rank + " dimensions, not " + x.shape());
    }
  }

  static void suffix(String operation, Shape whole, Shape part) {
    boolean fits = part.rank() <= whole.rank() && part.size() > 0;
    for (int i = 1; fits && i <= part.rank(); i++) {
      fits = whole.dim(-i) == part.dim(-i);
    }
    that(fits, () -> operation + ": " + part + " is not a suffix of " + whole);
  }

  static void notRecorded(String what, Tensor... tensors) {
    that(!Autograd.isNeeded(tensors), () -> what + " carries no gradient: detach it first");
  }

  static Tensor like(Tensor x) {
    return x.device().empty(x.shape());
  }

  /** Where the gradient of an input goes that needs gy only element by element or row by row. */
  static Tensor inPlaceOf(Tensor gy) {
    return gy.isExclusive() ? gy : like(gy);
  }

  /** The first element of a loss kernel's result, as a scalar sharing its memory. */
  static Tensor first(Tensor result) {
    return result.slice(0, Shape.of());
  }

  /** Sizes before, of and after a dimension. */
  static int[] split(Shape shape, int dim) {
    int d = dim < 0 ? dim + shape.rank() : dim;
    that(d >= 0 && d < shape.rank(), () -> "dimension " + dim + " of " + shape);
    int outer = 1;
    int inner = 1;
    for (int i = 0; i < d; i++) {
      outer *= shape.dim(i);
    }
    for (int i = d + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    return new int[] {outer, shape.dim(d), inner};
  }
}
