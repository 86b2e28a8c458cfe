package tangram.tensor.expr;

import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * The functions of two operands that formulas are made of, each with its value in double precision,
 * for integers where it has one, and its derivatives.
 */
public enum BinaryOp {
  /** {@code a + b}. */
  ADD((a, b) -> a + b, (a, b) -> a + b, (a, b, y) -> Expr.of(1), (a, b, y) -> Expr.of(1)),
  /** {@code a - b}. */
  SUB((a, b) -> a - b, (a, b) -> a - b, (a, b, y) -> Expr.of(1), (a, b, y) -> Expr.of(-1)),
  /** {@code a * b}. */
  MUL((a, b) -> a * b, (a, b) -> a * b, (a, b, y) -> b, (a, b, y) -> a),
  /** {@code a / b}. */
  DIV((a, b) -> a / b, null, (a, b, y) -> b.reciprocal(), (a, b, y) -> y.div(b).neg()),
  /** The largest integer that is not greater than {@code a / b}, as in Python. */
  FLOOR_DIVIDE(
      BinaryOp::floorDivide,
      BinaryOp::floorDivide,
      (a, b, y) -> Expr.of(0),
      (a, b, y) -> Expr.of(0)),
  /** {@code a - b * floor(a / b)}: it has the sign of b, as in Python. */
  REMAINDER(
      BinaryOp::remainder,
      BinaryOp::remainder,
      (a, b, y) -> Expr.of(1),
      (a, b, y) -> new Expr.Binary(BinaryOp.FLOOR_DIVIDE, a, b).neg()),
  /**
   * a to the power of b. As in PyTorch, the derivative by a is 0 where b is, and that by b is 0
   * where a is 0 and b is not negative.
   */
  POW(
      BinaryOp::power,
      BinaryOp::power,
      (a, b, y) -> Expr.where(b.eq(0), Expr.of(0), b.mul(a.pow(b.sub(1)))),
      // A factor, so that a gradient that is not a number shows.
      (a, b, y) -> Expr.where(a.eq(0).mul(Expr.of(0).le(b)), Expr.of(0), y.mul(a.log())).mul(1)),
  /** The larger; NaN if one is. Equal operands share the gradient. */
  MAX(Math::max, Math::max, (a, b, y) -> share(a.lt(b), a, b), (a, b, y) -> share(b.lt(a), a, b)),
  /** The smaller; NaN if one is. Equal operands share the gradient. */
  MIN(Math::min, Math::min, (a, b, y) -> share(b.lt(a), a, b), (a, b, y) -> share(a.lt(b), a, b)),
  /** The angle of the point (b, a), in (-pi, pi]. */
  ATAN2(
      StrictMath::atan2,
      null,
      (a, b, y) -> b.div(a.square().add(b.square())),
      (a, b, y) -> a.div(a.square().add(b.square())).neg()),
  /** 1 where a is less than b, else 0. */
  LT((a, b) -> a < b ? 1 : 0, (a, b) -> a < b ? 1 : 0),
  /** 1 where a is at most b, else 0. */
  LE((a, b) -> a <= b ? 1 : 0, (a, b) -> a <= b ? 1 : 0),
  /** 1 where both are equal, else 0. */
  EQ((a, b) -> a == b ? 1 : 0, (a, b) -> a == b ? 1 : 0),
  /** 1 where they differ, as NaN does from everything, else 0. */
  NE((a, b) -> a != b ? 1 : 0, (a, b) -> a != b ? 1 : 0);

  /** A derivative, from both operands and the result. */
  interface Derivative {
    Expr of(Expr a, Expr b, Expr y);
  }

  private final DoubleBinaryOperator value;
  private final LongBinaryOperator integer;
  private final Derivative byA;
  private final Derivative byB;

  BinaryOp(DoubleBinaryOperator value, LongBinaryOperator integer) {
    this(value, integer, null, null);
  }

  BinaryOp(DoubleBinaryOperator value, LongBinaryOperator integer, Derivative byA, Derivative byB) {
    this.value = value;
    this.integer = integer;
    this.byA = byA;
    this.byB = byB;
  }

  /** The value in double precision. */
  public double apply(double a, double b) {
    return value.applyAsDouble(a, b);
  }

  /** The value for integers. */
  public long apply(long a, long b) {
    if (integer == null) {
      throw new IllegalArgumentException(this + " of integers; convert them to real numbers first");
    }
    return integer.applyAsLong(a, b);
  }

  /** The derivative by the first operand, or null where it is zero everywhere. */
  Expr byA(Expr a, Expr b, Expr y) {
    return byA == null ? null : byA.of(a, b, y);
  }

  /** The derivative by the second operand, or null where it is zero everywhere. */
  Expr byB(Expr a, Expr b, Expr y) {
    return byB == null ? null : byB.of(a, b, y);
  }

  /** 0 where the operand loses, one half where both are equal; as in PyTorch 1 with a NaN. */
  private static Expr share(Expr loses, Expr a, Expr b) {
    return Expr.where(a.eq(b), Expr.of(0.5), Expr.where(loses, Expr.of(0), Expr.of(1)));
  }

  /** As C and IEEE 754 have it: 1 to any power, even NaN, is 1. */
  private static double power(double a, double b) {
    return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : StrictMath.pow(a, b);
  }

  private static long power(long a, long b) {
    if (b < 0) {
      throw new IllegalArgumentException(
          "an integer to a negative power; convert to real numbers first");
    }
    long result = 1;
    for (long factor = a, rest = b; rest > 0; rest >>= 1, factor *= factor) {
      result *= (rest & 1) == 1 ? factor : 1;
    }
    return result;
  }

  private static double remainder(double a, double b) {
    double r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }

  private static double floorDivide(double a, double b) {
    if (b == 0) {
      return a / b;
    }
    // Not by the remainder with the divisor's sign, which is infinite where b is.
    double rest = a % b;
    double quotient = StrictMath.rint((a - rest) / b);
    return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
  }

  private static long remainder(long a, long b) {
    return Math.floorMod(a, divisor(b));
  }

  private static long floorDivide(long a, long b) {
    return Math.floorDiv(a, divisor(b));
  }

  private static long divisor(long b) {
    if (b == 0) {
      throw new IllegalArgumentException("an integer is divided by zero");
    }
    return b;
  }
}
