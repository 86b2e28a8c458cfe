package tangram.tensor.expr;

import java.util.List;

/**
 * A formula over the elements of some arrays: a kernel, a specification and a derivative in one.
 * Formulas are immutable trees; two that look alike are equal.
 *
 * <p>Every node rounds its own result to the type that is computed in. Nothing is contracted to a
 * multiply-add, so a formula gives the same bits whether its nodes are computed one after the other
 * or by one loop.
 */
public sealed interface Expr {
  /** The element of the i-th array. */
  record Input(int index) implements Expr {
    /** Checks the index. */
    public Input {
      if (index < 0) {
        throw new IllegalArgumentException("input " + index);
      }
    }
  }

  /**
   * The i-th of some numbers that are told at each call, rounded to the type that is computed in.
   */
  record Parameter(int index) implements Expr {}

  /** A number, rounded to the type that is computed in. */
  record Const(double value) implements Expr {}

  /** A function of one operand. */
  record Unary(UnaryOp op, Expr x) implements Expr {}

  /** A function of two operands; comparisons give 1 or 0. */
  record Binary(BinaryOp op, Expr a, Expr b) implements Expr {}

  /** {@code yes} where the condition is not 0, else {@code no}, of which nothing then shows. */
  record Where(Expr condition, Expr yes, Expr no) implements Expr {}

  /** The element of the i-th array. */
  static Expr input(int index) {
    return new Input(index);
  }

  /** The i-th of some numbers that are told at each call. */
  static Expr parameter(int index) {
    return new Parameter(index);
  }

  /** A number. */
  static Expr of(double value) {
    return new Const(value);
  }

  /** {@code yes} where the condition is not 0, else {@code no}. */
  static Expr where(Expr condition, Expr yes, Expr no) {
    return new Where(condition, yes, no);
  }

  /** What this node reads, in order. */
  default List<Expr> operands() {
    if (this instanceof Unary) {
      return List.of(((Unary) this).x());
    }
    if (this instanceof Binary) {
      return List.of(((Binary) this).a(), ((Binary) this).b());
    }
    if (this instanceof Where) {
      Where where = (Where) this;
      return List.of(where.condition(), where.yes(), where.no());
    }
    return List.of();
  }

  // The rest is what makes formulas read like formulas.

  private static Expr unary(UnaryOp op, Expr x) {
    return new Unary(op, x);
  }

  private Expr binary(BinaryOp op, Expr b) {
    return new Binary(op, this, b);
  }

  /** {@code this + b}. */
  default Expr add(Expr b) {
    return binary(BinaryOp.ADD, b);
  }

  /** {@code this + b}. */
  default Expr add(double b) {
    return add(of(b));
  }

  /** {@code this - b}. */
  default Expr sub(Expr b) {
    return binary(BinaryOp.SUB, b);
  }

  /** {@code this - b}. */
  default Expr sub(double b) {
    return sub(of(b));
  }

  /** {@code b - this}. */
  default Expr rsub(double b) {
    return of(b).sub(this);
  }

  /** {@code this * b}. */
  default Expr mul(Expr b) {
    return binary(BinaryOp.MUL, b);
  }

  /** {@code this * b}. */
  default Expr mul(double b) {
    return mul(of(b));
  }

  /** {@code this / b}. */
  default Expr div(Expr b) {
    return binary(BinaryOp.DIV, b);
  }

  /** {@code this / b}. */
  default Expr div(double b) {
    return div(of(b));
  }

  /** {@code this} to the power of b. */
  default Expr pow(Expr b) {
    return binary(BinaryOp.POW, b);
  }

  /** {@code this} to the power of b. */
  default Expr pow(double b) {
    return pow(of(b));
  }

  /** The larger; NaN if one is. */
  default Expr maximum(Expr b) {
    return binary(BinaryOp.MAX, b);
  }

  /** The smaller; NaN if one is. */
  default Expr minimum(Expr b) {
    return binary(BinaryOp.MIN, b);
  }

  /** The angle of the point (b, this), in (-pi, pi]. */
  default Expr atan2(Expr b) {
    return binary(BinaryOp.ATAN2, b);
  }

  /** 1 where {@code this < b}, else 0. */
  default Expr lt(Expr b) {
    return binary(BinaryOp.LT, b);
  }

  /** 1 where {@code this < b}, else 0. */
  default Expr lt(double b) {
    return lt(of(b));
  }

  /** 1 where {@code this <= b}, else 0. */
  default Expr le(Expr b) {
    return binary(BinaryOp.LE, b);
  }

  /** 1 where {@code this > b}, else 0. */
  default Expr gt(Expr b) {
    return b.lt(this);
  }

  /** 1 where {@code this > b}, else 0. */
  default Expr gt(double b) {
    return gt(of(b));
  }

  /** 1 where {@code this >= b}, else 0. */
  default Expr ge(Expr b) {
    return b.le(this);
  }

  /** 1 where {@code this == b}, else 0. */
  default Expr eq(Expr b) {
    return binary(BinaryOp.EQ, b);
  }

  /** 1 where {@code this == b}, else 0. */
  default Expr eq(double b) {
    return eq(of(b));
  }

  /** 1 where {@code this != b}, else 0; NaN differs from everything. */
  default Expr ne(Expr b) {
    return binary(BinaryOp.NE, b);
  }

  /** {@code -this}. */
  default Expr neg() {
    return unary(UnaryOp.NEG, this);
  }

  /** The magnitude. */
  default Expr abs() {
    return unary(UnaryOp.ABS, this);
  }

  /** -1, 0 or 1; 0 for NaN. */
  default Expr sign() {
    return unary(UnaryOp.SIGN, this);
  }

  /** {@code this * this}. */
  default Expr square() {
    return mul(this);
  }

  /** {@code 1 / this}. */
  default Expr reciprocal() {
    return of(1).div(this);
  }

  /** The square root. */
  default Expr sqrt() {
    return unary(UnaryOp.SQRT, this);
  }

  /** e to the power of this. */
  default Expr exp() {
    return unary(UnaryOp.EXP, this);
  }

  /** {@code exp(this) - 1}, exact near 0. */
  default Expr expm1() {
    return unary(UnaryOp.EXPM1, this);
  }

  /** The natural logarithm. */
  default Expr log() {
    return unary(UnaryOp.LOG, this);
  }

  /** {@code log(1 + this)}, exact near 0. */
  default Expr log1p() {
    return unary(UnaryOp.LOG1P, this);
  }

  /** The sine. */
  default Expr sin() {
    return unary(UnaryOp.SIN, this);
  }

  /** The cosine. */
  default Expr cos() {
    return unary(UnaryOp.COS, this);
  }

  /** The tangent. */
  default Expr tan() {
    return unary(UnaryOp.TAN, this);
  }

  /** The hyperbolic tangent. */
  default Expr tanh() {
    return unary(UnaryOp.TANH, this);
  }

  /** {@code 1 / (1 + exp(-this))}. */
  default Expr sigmoid() {
    return unary(UnaryOp.SIGMOID, this);
  }

  /** The error function. */
  default Expr erf() {
    return unary(UnaryOp.ERF, this);
  }

  /** {@code 1 - erf(this)}, exact where erf is nearly 1. */
  default Expr erfc() {
    return unary(UnaryOp.ERFC, this);
  }

  /** {@code this} times the normal distribution function of it. */
  default Expr gelu() {
    return unary(UnaryOp.GELU, this);
  }

  /** {@code max(this, 0)}; NaN stays, and the derivative at 0 is 0. */
  default Expr relu() {
    return unary(UnaryOp.RELU, this);
  }
}
