package tangram.tensor.op;

import java.util.function.Supplier;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** Shape rules shared by the operations; every message names the shapes at fault. */
final class Checks {
  private Checks() {}

  static void that(boolean condition, Supplier<String> message) {
    if (!condition) {
      throw new IllegalArgumentException(message.get());
    }
  }

  /**
   * Operands must be of type {@code F32}, or all of {@code F64}, and on one device; null is allowed
   * but for the first.
   */
  static void alike(String operation, Tensor of, Tensor... operands) {
    sameDevice(operation, of, of);
    DType type = of.type();
    that(
        type == DType.F32 || type == DType.F64,
        () -> operation + " needs F32 or F64, not " + type + "; convert it by to(DType.F32)");
    for (Tensor t : operands) {
      if (t != null) {
        sameDevice(operation, of, t);
        that(
            t.type() == type,
            () ->
                "%s needs operands of one type, not %s and %s; convert one by to(DType.%s)"
                    .formatted(operation, type, t.type(), type));
      }
    }
  }

  /** Whether integers of a type hold a number; real types hold every one. */
  static void fits(String operation, double number, DType type) {
    double limit = type == DType.I32 ? 0x1p31 : 0x1p63;
    that(
        type.isReal() || type == DType.BOOL || (number >= -limit && number < limit),
        () ->
            "%s: %s does not fit type %s; make the tensor one of real numbers by to(DType.F32)"
                .formatted(operation, number, type));
  }

  static void sameDevice(String operation, Tensor first, Tensor t) {
    that(first != null && t != null, () -> operation + ": an operand is null");
    if (t.device() != first.device()) {
      throw new IllegalArgumentException(
          "%s: one operand is on the device %s, another on %s"
              .formatted(
                  operation,
                  first.device(),
                  t.device().name().equals(first.device().name())
                      ? "another of that name"
                      : t.device()));
    }
  }

  /** Refuses operands without elements, for which an operation has no meaning. */
  static void notEmpty(String operation, Tensor... operands) {
    for (Tensor t : operands) {
      if (t != null && t.size() == 0) {
        throw new IllegalArgumentException(
            operation + " of a tensor without elements, of shape " + t.shape());
      }
    }
  }

  static void sameShape(String operation, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new IllegalArgumentException(
          operation + ": shapes differ, " + a.shape() + " and " + b.shape());
    }
  }

  static void rank(String operation, Tensor x, int rank) {
    sameDevice(operation, x, x);
    if (x.shape().rank() != rank) {
      throw new IllegalArgumentException(
          operation + " needs " + rank + " dimensions, not " + x.shape());
    }
  }

  static Tensor like(Tensor x) {
    return x.device().uninitialized(x.type(), x.shape());
  }

  /** Where the gradient of an input goes that needs gy only element by element or row by row. */
  static Tensor inPlaceOf(Tensor gy) {
    return gy.isExclusive() ? gy : like(gy);
  }
}
