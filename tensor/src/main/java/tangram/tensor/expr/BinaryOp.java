package tangram.tensor.expr;

import java.util.function.DoubleBinaryOperator;

/**
 * The functions of two operands that formulas are made of, each with its value in double precision
 * and its derivatives.
 */
public enum BinaryOp {
  /** {@code a + b}. */
  ADD((a, b) -> a + b, (a, b, y) -> Expr.of(1), (a, b, y) -> Expr.of(1)),
  /** {@code a - b}. */
  SUB((a, b) -> a - b, (a, b, y) -> Expr.of(1), (a, b, y) -> Expr.of(-1)),
  /** {@code a * b}. */
  MUL((a, b) -> a * b, (a, b, y) -> b, (a, b, y) -> a),
  /** {@code a / b}. */
  DIV((a, b) -> a / b, (a, b, y) -> b.reciprocal(), (a, b, y) -> y.div(b).neg()),
  /**
   * a to the power of b. As in PyTorch, the derivative by a is 0 where b is, and that by b is 0
   * where a is 0 and b is not negative.
   */
  POW(
      BinaryOp::power,
      (a, b, y) -> Expr.where(b.eq(0), Expr.of(0), b.mul(a.pow(b.sub(1)))),
      (a, b, y) -> Expr.where(a.eq(0).mul(Expr.of(0).le(b)), Expr.of(0), y.mul(a.log()))),
  /** The larger; NaN if one is. Equal operands share the gradient. */
  MAX(Math::max, (a, b, y) -> share(b.lt(a), a, b), (a, b, y) -> share(a.lt(b), a, b)),
  /** The smaller; NaN if one is. Equal operands share the gradient. */
  MIN(Math::min, (a, b, y) -> share(a.lt(b), a, b), (a, b, y) -> share(b.lt(a), a, b)),
  /** The angle of the point (b, a), in (-pi, pi]. */
  ATAN2(
      StrictMath::atan2,
      (a, b, y) -> b.div(a.square().add(b.square())),
      (a, b, y) -> a.div(a.square().add(b.square())).neg()),
  /** 1 where a is less than b, else 0. */
  LT((a, b) -> a < b ? 1 : 0),
  /** 1 where a is at most b, else 0. */
  LE((a, b) -> a <= b ? 1 : 0),
  /** 1 where both are equal, else 0. */
  EQ((a, b) -> a == b ? 1 : 0),
  /** 1 where they differ, as NaN does from everything, else 0. */
  NE((a, b) -> a != b ? 1 : 0);

  /** A derivative, from both operands and the result. */
  interface Derivative {
    Expr of(Expr a, Expr b, Expr y);
  }

  private final DoubleBinaryOperator value;
  private final Derivative byA;
  private final Derivative byB;

  BinaryOp(DoubleBinaryOperator value) {
    this(value, null, null);
  }

  BinaryOp(DoubleBinaryOperator value, Derivative byA, Derivative byB) {
    this.value = value;
    this.byA = byA;
    this.byB = byB;
  }

  /** The value in double precision. */
  public double apply(double a, double b) {
    return value.applyAsDouble(a, b);
  }

  /** The derivative by the first operand, or null where it is zero everywhere. */
  Expr byA(Expr a, Expr b, Expr y) {
    return byA == null ? null : byA.of(a, b, y);
  }

  /** The derivative by the second operand, or null where it is zero everywhere. */
  Expr byB(Expr a, Expr b, Expr y) {
    return byB == null ? null : byB.of(a, b, y);
  }

  /** 1 where the operand wins, one half where both are equal. */
  private static Expr share(Expr wins, Expr a, Expr b) {
    return Expr.where(a.eq(b), Expr.of(0.5), wins);
  }

  /** As C and IEEE 754 have it: 1 to any power, even NaN, is 1. */
  private static double power(double a, double b) {
    return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : StrictMath.pow(a, b);
  }
}
