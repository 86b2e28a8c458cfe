package tangram.tensor.expr;

import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * The functions of one operand that formulas are made of, each with its value in double precision
 * and its derivative. {@code StrictMath} has the same bits on every machine.
 */
public enum UnaryOp {
  /** {@code -x}. */
  NEG(x -> -x, x -> -x, (x, y) -> Expr.of(-1)),
  /** The magnitude; the derivative at 0 is 0. */
  ABS(Math::abs, Math::abs, (x, y) -> x.sign()),
  /** -1, 0 or 1; 0 for NaN. */
  SIGN(x -> x > 0 ? 1 : x < 0 ? -1 : 0, Long::signum, (x, y) -> Expr.of(0)),
  /** {@code max(x, 0)}; NaN stays, and the derivative at 0 is 0. */
  RELU(
      x -> x <= 0 ? 0 : x,
      x -> Math.max(x, 0),
      (x, y) -> Expr.where(y.le(Expr.of(0)), Expr.of(0), Expr.of(1))),
  /** The square root. */
  SQRT(Math::sqrt, (x, y) -> Expr.of(0.5).div(y)),
  /** e to the power of x. */
  EXP(StrictMath::exp, (x, y) -> y),
  /** {@code exp(x) - 1}, exact near 0. */
  EXPM1(StrictMath::expm1, (x, y) -> y.add(1)),
  /** The natural logarithm. */
  LOG(StrictMath::log, (x, y) -> x.reciprocal()),
  /** {@code log(1 + x)}, exact near 0. */
  LOG1P(StrictMath::log1p, (x, y) -> x.add(1).reciprocal()),
  /** The sine. */
  SIN(StrictMath::sin, (x, y) -> x.cos()),
  /** The cosine. */
  COS(StrictMath::cos, (x, y) -> x.sin().neg()),
  /** The tangent. */
  TAN(StrictMath::tan, (x, y) -> y.square().add(1)),
  /** The inverse of the sine. */
  ASIN(StrictMath::asin, (x, y) -> x.square().rsub(1).sqrt().reciprocal()),
  /** The inverse of the cosine. */
  ACOS(StrictMath::acos, (x, y) -> x.square().rsub(1).sqrt().reciprocal().neg()),
  /** The inverse of the tangent. */
  ATAN(StrictMath::atan, (x, y) -> x.square().add(1).reciprocal()),
  /** The hyperbolic sine. */
  SINH(StrictMath::sinh, (x, y) -> new Expr.Unary(UnaryOp.valueOf("COSH"), x)),
  /** The hyperbolic cosine. */
  COSH(StrictMath::cosh, (x, y) -> new Expr.Unary(SINH, x)),
  /** The hyperbolic tangent. */
  TANH(StrictMath::tanh, (x, y) -> y.square().rsub(1)),
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID(x -> 1 / (1 + StrictMath.exp(-x)), (x, y) -> y.mul(y.rsub(1))),
  /** The error function. */
  ERF(ErrorFunction::erf, (x, y) -> x.square().neg().exp().mul(ErrorFunction.SLOPE)),
  /** {@code 1 - erf(x)}, exact where erf is nearly 1. */
  ERFC(ErrorFunction::erfc, (x, y) -> x.square().neg().exp().mul(-ErrorFunction.SLOPE)),
  /** x times the normal distribution function of x (Hendrycks and Gimpel 2016). */
  GELU(
      x -> x * ErrorFunction.normal(x), (x, y) -> new Expr.Unary(UnaryOp.valueOf("GELU_SLOPE"), x)),
  /** The derivative of {@link #GELU}. */
  GELU_SLOPE(
      x -> ErrorFunction.normal(x) + x * ErrorFunction.density(x),
      (x, y) -> x.square().mul(-0.5).exp().mul(x.square().rsub(2)).mul(ErrorFunction.density(0))),
  /** The largest integer that is not greater. */
  FLOOR(StrictMath::floor, (x, y) -> Expr.of(0)),
  /** The smallest integer that is not less. */
  CEIL(StrictMath::ceil, (x, y) -> Expr.of(0)),
  /** The nearest integer, the even one of two. */
  ROUND(StrictMath::rint, (x, y) -> Expr.of(0));

  /** A derivative, from operand and result. */
  interface Derivative {
    Expr of(Expr x, Expr y);
  }

  private final DoubleUnaryOperator value;
  private final LongUnaryOperator integer;
  private final Derivative derivative;

  UnaryOp(DoubleUnaryOperator value) {
    this(value, null, null);
  }

  UnaryOp(DoubleUnaryOperator value, Derivative derivative) {
    this(value, null, derivative);
  }

  UnaryOp(DoubleUnaryOperator value, LongUnaryOperator integer, Derivative derivative) {
    this.value = value;
    this.integer = integer;
    this.derivative = derivative;
  }

  /** The value in double precision. */
  public double apply(double x) {
    return value.applyAsDouble(x);
  }

  /** The value for an integer. */
  public long apply(long x) {
    if (integer == null) {
      throw new IllegalArgumentException(this + " of integers; convert them to real numbers first");
    }
    return integer.applyAsLong(x);
  }

  /** The derivative, or null where it is zero everywhere. */
  Expr derivative(Expr x, Expr y) {
    return derivative == null ? null : derivative.of(x, y);
  }
}
