package tangram.tensor;

import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.op.MapOp;

/**
 * What {@link Tensor} can do element by element: each method is one formula, which is the kernel on
 * every device and the derivative too. Shapes broadcast as in NumPy, types as in PyTorch.
 */
public abstract sealed class ElementwiseMethods extends ActivationMethods permits ReductionMethods {
  private static final Formula NEG = Formula.of(x -> x.neg());
  private static final Formula ABS = Formula.of(x -> x.abs());
  private static final Formula SIGN = Formula.of(x -> x.sign());
  private static final Formula SQUARE = Formula.of(x -> x.square());
  private static final Formula RECIPROCAL = Formula.of(x -> x.reciprocal());
  private static final Formula SQRT = Formula.of(x -> x.sqrt());
  private static final Formula RSQRT = Formula.of(x -> x.sqrt().reciprocal());
  private static final Formula EXP = Formula.of(x -> x.exp());
  private static final Formula EXPM1 = Formula.of(x -> x.expm1());
  private static final Formula LOG = Formula.of(x -> x.log());
  private static final Formula LOG2 = Formula.of(x -> x.log().div(Math.log(2)));
  private static final Formula LOG10 = Formula.of(x -> x.log().div(Math.log(10)));
  private static final Formula LOG1P = Formula.of(x -> x.log1p());
  private static final Formula SIN = Formula.of(x -> x.sin());
  private static final Formula COS = Formula.of(x -> x.cos());
  private static final Formula TAN = Formula.of(x -> x.tan());
  private static final Formula ASIN = Formula.of(x -> new Expr.Unary(UnaryOp.ASIN, x));
  private static final Formula ACOS = Formula.of(x -> new Expr.Unary(UnaryOp.ACOS, x));
  private static final Formula ATAN = Formula.of(x -> new Expr.Unary(UnaryOp.ATAN, x));
  private static final Formula SINH = Formula.of(x -> new Expr.Unary(UnaryOp.SINH, x));
  private static final Formula COSH = Formula.of(x -> new Expr.Unary(UnaryOp.COSH, x));
  private static final Formula TANH = Formula.of(x -> x.tanh());
  private static final Formula SIGMOID = Formula.of(x -> x.sigmoid());
  private static final Formula ERF = Formula.of(x -> x.erf());
  private static final Formula ERFC = Formula.of(x -> x.erfc());
  private static final Formula FLOOR = Formula.of(x -> new Expr.Unary(UnaryOp.FLOOR, x));
  private static final Formula CEIL = Formula.of(x -> new Expr.Unary(UnaryOp.CEIL, x));
  private static final Formula ROUND = Formula.of(x -> new Expr.Unary(UnaryOp.ROUND, x));
  private static final Formula IS_NAN = Formula.of(x -> x.ne(x));
  private static final Formula IS_FINITE = Formula.of(x -> x.sub(x).eq(0));
  private static final Formula IS_INF = Formula.of(x -> x.abs().eq(Double.POSITIVE_INFINITY));
  private static final Formula LOGICAL_NOT = Formula.of(x -> x.eq(0));
  private static final Formula ADD = Formula.of((a, b) -> a.add(b));
  private static final Formula ADD_NUMBER = Formula.of(1, 1, (x, p) -> x[0].add(p[0]));
  private static final Formula SUB = Formula.of((a, b) -> a.sub(b));
  private static final Formula SUB_NUMBER = Formula.of(1, 1, (x, p) -> x[0].sub(p[0]));
  private static final Formula MUL = Formula.of((a, b) -> a.mul(b));
  private static final Formula MUL_NUMBER = Formula.of(1, 1, (x, p) -> x[0].mul(p[0]));
  private static final Formula DIV = Formula.of((a, b) -> a.div(b));
  private static final Formula DIV_NUMBER = Formula.of(1, 1, (x, p) -> x[0].div(p[0]));
  private static final Formula POW = Formula.of((a, b) -> a.pow(b));
  private static final Formula POW_NUMBER = Formula.of(1, 1, (x, p) -> x[0].pow(p[0]));
  private static final Formula MAXIMUM = Formula.of((a, b) -> a.maximum(b));
  private static final Formula MAXIMUM_NUMBER = Formula.of(1, 1, (x, p) -> x[0].maximum(p[0]));
  private static final Formula MINIMUM = Formula.of((a, b) -> a.minimum(b));
  private static final Formula MINIMUM_NUMBER = Formula.of(1, 1, (x, p) -> x[0].minimum(p[0]));
  private static final Formula REMAINDER =
      Formula.of((a, b) -> new Expr.Binary(BinaryOp.REMAINDER, a, b));
  private static final Formula REMAINDER_NUMBER =
      Formula.of(1, 1, (x, p) -> new Expr.Binary(BinaryOp.REMAINDER, x[0], p[0]));
  private static final Formula FLOOR_DIVIDE =
      Formula.of((a, b) -> new Expr.Binary(BinaryOp.FLOOR_DIVIDE, a, b));
  private static final Formula FLOOR_DIVIDE_NUMBER =
      Formula.of(1, 1, (x, p) -> new Expr.Binary(BinaryOp.FLOOR_DIVIDE, x[0], p[0]));
  private static final Formula ATAN2 = Formula.of((a, b) -> a.atan2(b));
  private static final Formula EQ = Formula.of((a, b) -> a.eq(b));
  private static final Formula EQ_NUMBER = Formula.of(1, 1, (x, p) -> x[0].eq(p[0]));
  private static final Formula NE = Formula.of((a, b) -> a.ne(b));
  private static final Formula NE_NUMBER = Formula.of(1, 1, (x, p) -> x[0].ne(p[0]));
  private static final Formula LT = Formula.of((a, b) -> a.lt(b));
  private static final Formula LT_NUMBER = Formula.of(1, 1, (x, p) -> x[0].lt(p[0]));
  private static final Formula LE = Formula.of((a, b) -> a.le(b));
  private static final Formula LE_NUMBER = Formula.of(1, 1, (x, p) -> x[0].le(p[0]));
  private static final Formula GT = Formula.of((a, b) -> a.gt(b));
  private static final Formula GT_NUMBER = Formula.of(1, 1, (x, p) -> x[0].gt(p[0]));
  private static final Formula GE = Formula.of((a, b) -> a.ge(b));
  private static final Formula GE_NUMBER = Formula.of(1, 1, (x, p) -> x[0].ge(p[0]));
  private static final Formula LOGICAL_AND =
      Formula.of((a, b) -> a.ne(Expr.of(0)).mul(b.ne(Expr.of(0))));
  private static final Formula LOGICAL_OR =
      Formula.of((a, b) -> a.ne(Expr.of(0)).maximum(b.ne(Expr.of(0))));
  private static final Formula LOGICAL_XOR =
      Formula.of((a, b) -> a.ne(Expr.of(0)).ne(b.ne(Expr.of(0))));
  private static final Formula RSUB = Formula.of(1, 1, (x, p) -> p[0].sub(x[0]));
  private static final Formula CLAMP =
      Formula.of(
          1,
          2,
          (x, p) ->
              Expr.where(
                  p[0].le(x[0]).mul(x[0].le(p[1])),
                  x[0],
                  // As PyTorch, the upper bound where the lower one is above it.
                  Expr.where(
                      x[0].lt(p[0]),
                      p[0].minimum(p[1]),
                      Expr.where(x[0].gt(p[1]), p[1], Expr.of(Double.NaN)))));
  private static final Formula ADDCMUL = Formula.of(3, x -> x[0].add(x[1].mul(x[2])));
  private static final Formula LERP = Formula.of(3, x -> x[0].add(x[2].mul(x[1].sub(x[0]))));
  private static final Formula LERP_NUMBER =
      Formula.of(2, 1, (x, p) -> x[0].add(p[0].mul(x[1].sub(x[0]))));
  private static final Formula WHERE = Formula.of(3, x -> Expr.where(x[0], x[1], x[2]));
  private static final Formula MASKED_FILL =
      Formula.of(2, 1, (x, p) -> Expr.where(x[1], p[0], x[0]));

  ElementwiseMethods() {}

  /** {@code -x}. */
  public final Tensor neg() {
    notBooleans("neg", self());
    return MapOp.map("neg", NEG, self());
  }

  /** The magnitude. */
  public final Tensor abs() {
    return MapOp.map("abs", ABS, self());
  }

  /** -1, 0 or 1; 0 for NaN. The gradient is 0. */
  public final Tensor sign() {
    return MapOp.map("sign", SIGN, self());
  }

  /** {@code x * x}. */
  public final Tensor square() {
    return MapOp.map("square", SQUARE, self());
  }

  /** {@code 1 / x}. */
  public final Tensor reciprocal() {
    return MapOp.real("reciprocal", RECIPROCAL, self());
  }

  /** The square root. */
  public final Tensor sqrt() {
    return MapOp.real("sqrt", SQRT, self());
  }

  /** {@code 1 / sqrt(x)}. */
  public final Tensor rsqrt() {
    return MapOp.real("rsqrt", RSQRT, self());
  }

  /** e to the power of x. */
  public final Tensor exp() {
    return MapOp.real("exp", EXP, self());
  }

  /** {@code exp(x) - 1}, exact near 0. */
  public final Tensor expm1() {
    return MapOp.real("expm1", EXPM1, self());
  }

  /** The natural logarithm. */
  public final Tensor log() {
    return MapOp.real("log", LOG, self());
  }

  /** The logarithm to base 2. */
  public final Tensor log2() {
    return MapOp.real("log2", LOG2, self());
  }

  /** The logarithm to base 10. */
  public final Tensor log10() {
    return MapOp.real("log10", LOG10, self());
  }

  /** {@code log(1 + x)}, exact near 0. */
  public final Tensor log1p() {
    return MapOp.real("log1p", LOG1P, self());
  }

  /** The sine. */
  public final Tensor sin() {
    return MapOp.real("sin", SIN, self());
  }

  /** The cosine. */
  public final Tensor cos() {
    return MapOp.real("cos", COS, self());
  }

  /** The tangent. */
  public final Tensor tan() {
    return MapOp.real("tan", TAN, self());
  }

  /** The inverse of the sine. */
  public final Tensor asin() {
    return MapOp.real("asin", ASIN, self());
  }

  /** The inverse of the cosine. */
  public final Tensor acos() {
    return MapOp.real("acos", ACOS, self());
  }

  /** The inverse of the tangent. */
  public final Tensor atan() {
    return MapOp.real("atan", ATAN, self());
  }

  /** The hyperbolic sine. */
  public final Tensor sinh() {
    return MapOp.real("sinh", SINH, self());
  }

  /** The hyperbolic cosine. */
  public final Tensor cosh() {
    return MapOp.real("cosh", COSH, self());
  }

  /** The hyperbolic tangent. */
  public final Tensor tanh() {
    return MapOp.real("tanh", TANH, self());
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public final Tensor sigmoid() {
    return MapOp.real("sigmoid", SIGMOID, self());
  }

  /** The error function. */
  public final Tensor erf() {
    return MapOp.real("erf", ERF, self());
  }

  /** {@code 1 - erf(x)}. */
  public final Tensor erfc() {
    return MapOp.real("erfc", ERFC, self());
  }

  /** The largest integer that is not greater. The gradient is 0. */
  public final Tensor floor() {
    return MapOp.real("floor", FLOOR, self());
  }

  /** The smallest integer that is not less. The gradient is 0. */
  public final Tensor ceil() {
    return MapOp.real("ceil", CEIL, self());
  }

  /** The nearest integer, the even one of two. The gradient is 0. */
  public final Tensor round() {
    return MapOp.real("round", ROUND, self());
  }

  /** Whether elements are not a number. */
  public final Tensor isNaN() {
    return MapOp.test("isNaN", IS_NAN, self());
  }

  /** Whether elements are neither infinite nor NaN. */
  public final Tensor isFinite() {
    return MapOp.test("isFinite", IS_FINITE, self());
  }

  /** Whether elements are infinite. */
  public final Tensor isInf() {
    return MapOp.test("isInf", IS_INF, self());
  }

  /** Whether elements are 0. */
  public final Tensor logicalNot() {
    return MapOp.test("logicalNot", LOGICAL_NOT, self());
  }

  /** {@code x + b}. */
  public final Tensor add(Tensor b) {
    return MapOp.map("add", ADD, self(), b);
  }

  /** {@code x + b}. */
  public final Tensor add(double b) {
    return MapOp.map("add", ADD_NUMBER, new double[] {b}, self());
  }

  /** {@code x - b}. */
  public final Tensor sub(Tensor b) {
    notBooleans("sub", self(), b);
    return MapOp.map("sub", SUB, self(), b);
  }

  /** {@code x - b}. */
  public final Tensor sub(double b) {
    return MapOp.map("sub", SUB_NUMBER, new double[] {b}, self());
  }

  /** {@code x * b}. */
  public final Tensor mul(Tensor b) {
    return MapOp.map("mul", MUL, self(), b);
  }

  /** {@code x * b}. */
  public final Tensor mul(double b) {
    return MapOp.map("mul", MUL_NUMBER, new double[] {b}, self());
  }

  /** {@code x / b}, also of integers. */
  public final Tensor div(Tensor b) {
    return MapOp.real("div", DIV, self(), b);
  }

  /** {@code x / b}, also of integers. */
  public final Tensor div(double b) {
    return MapOp.real("div", DIV_NUMBER, new double[] {b}, self());
  }

  /** x to the power of b. */
  public final Tensor pow(Tensor b) {
    return MapOp.map("pow", POW, self(), b);
  }

  /**
   * x to the power of b. As PyTorch's, the power 0.5 of -infinity is NaN.
   *
   * @throws IllegalArgumentException for integers and a negative whole b
   */
  public final Tensor pow(double b) {
    if (Math.abs(b) == 0.5) {
      return MapOp.real("pow", b > 0 ? SQRT : RSQRT, self());
    }
    if (!self().type().isReal() && b < 0 && b == Math.rint(b) && Double.isFinite(b)) {
      throw new IllegalArgumentException(
          "pow: integers to the power of " + b + " are not whole; make them real by to(DType.F32)");
    }
    return MapOp.map("pow", POW_NUMBER, new double[] {b}, self());
  }

  /** The larger of both; NaN if one is. Equal elements share the gradient. */
  public final Tensor maximum(Tensor b) {
    return MapOp.map("maximum", MAXIMUM, self(), b);
  }

  /** The larger of both; NaN if one is. Equal elements share the gradient. */
  public final Tensor maximum(double b) {
    return MapOp.map("maximum", MAXIMUM_NUMBER, new double[] {b}, self());
  }

  /** The smaller of both; NaN if one is. Equal elements share the gradient. */
  public final Tensor minimum(Tensor b) {
    return MapOp.map("minimum", MINIMUM, self(), b);
  }

  /** The smaller of both; NaN if one is. Equal elements share the gradient. */
  public final Tensor minimum(double b) {
    return MapOp.map("minimum", MINIMUM_NUMBER, new double[] {b}, self());
  }

  /** {@code x - b * floor(x / b)}, with the sign of b, as in Python. */
  public final Tensor remainder(Tensor b) {
    return MapOp.map("remainder", REMAINDER, self(), b);
  }

  /** {@code x - b * floor(x / b)}, with the sign of b, as in Python. */
  public final Tensor remainder(double b) {
    notZero("remainder", b);
    return MapOp.map("remainder", REMAINDER_NUMBER, new double[] {b}, self());
  }

  /** {@code floor(x / b)}. The gradient is 0. */
  public final Tensor floorDivide(Tensor b) {
    return MapOp.map("floorDivide", FLOOR_DIVIDE, self(), b);
  }

  /** {@code floor(x / b)}. The gradient is 0. */
  public final Tensor floorDivide(double b) {
    notZero("floorDivide", b);
    return MapOp.map("floorDivide", FLOOR_DIVIDE_NUMBER, new double[] {b}, self());
  }

  /** The angle of the point (b, x), in (-pi, pi]. */
  public final Tensor atan2(Tensor b) {
    return MapOp.real("atan2", ATAN2, self(), b);
  }

  /** Whether both are equal. */
  public final Tensor eq(Tensor b) {
    return MapOp.test("eq", EQ, self(), b);
  }

  /** Whether both are equal. */
  public final Tensor eq(double b) {
    return MapOp.test("eq", EQ_NUMBER, new double[] {b}, self());
  }

  /** Whether they differ; NaN differs from everything. */
  public final Tensor ne(Tensor b) {
    return MapOp.test("ne", NE, self(), b);
  }

  /** Whether they differ; NaN differs from everything. */
  public final Tensor ne(double b) {
    return MapOp.test("ne", NE_NUMBER, new double[] {b}, self());
  }

  /** Whether x is less than b. */
  public final Tensor lt(Tensor b) {
    return MapOp.test("lt", LT, self(), b);
  }

  /** Whether x is less than b. */
  public final Tensor lt(double b) {
    return MapOp.test("lt", LT_NUMBER, new double[] {b}, self());
  }

  /** Whether x is at most b. */
  public final Tensor le(Tensor b) {
    return MapOp.test("le", LE, self(), b);
  }

  /** Whether x is at most b. */
  public final Tensor le(double b) {
    return MapOp.test("le", LE_NUMBER, new double[] {b}, self());
  }

  /** Whether x is greater than b. */
  public final Tensor gt(Tensor b) {
    return MapOp.test("gt", GT, self(), b);
  }

  /** Whether x is greater than b. */
  public final Tensor gt(double b) {
    return MapOp.test("gt", GT_NUMBER, new double[] {b}, self());
  }

  /** Whether x is at least b. */
  public final Tensor ge(Tensor b) {
    return MapOp.test("ge", GE, self(), b);
  }

  /** Whether x is at least b. */
  public final Tensor ge(double b) {
    return MapOp.test("ge", GE_NUMBER, new double[] {b}, self());
  }

  /** Whether both are not 0. */
  public final Tensor logicalAnd(Tensor b) {
    return MapOp.test("logicalAnd", LOGICAL_AND, self(), b);
  }

  /** Whether one or both are not 0. */
  public final Tensor logicalOr(Tensor b) {
    return MapOp.test("logicalOr", LOGICAL_OR, self(), b);
  }

  /** Whether exactly one is not 0. */
  public final Tensor logicalXor(Tensor b) {
    return MapOp.test("logicalXor", LOGICAL_XOR, self(), b);
  }

  /** {@code b - x}. */
  public final Tensor rsub(double b) {
    return MapOp.map("rsub", RSUB, new double[] {b}, self());
  }

  /** x, but not less than least nor greater than most; NaN stays. */
  public final Tensor clamp(double least, double most) {
    return MapOp.map("clamp", CLAMP, new double[] {least, most}, self());
  }

  /** {@code x + a * b}. */
  public final Tensor addcmul(Tensor a, Tensor b) {
    return MapOp.map("addcmul", ADDCMUL, self(), a, b);
  }

  /** {@code x + t * (end - x)}. */
  public final Tensor lerp(Tensor end, Tensor t) {
    return MapOp.real("lerp", LERP, self(), end, t);
  }

  /** {@code x + t * (end - x)}. */
  public final Tensor lerp(Tensor end, double t) {
    return MapOp.real("lerp", LERP_NUMBER, new double[] {t}, self(), end);
  }

  /** Elements of a where the condition is not 0, elsewhere of b. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return MapOp.where(WHERE, condition, a, b);
  }

  /**
   * x, but a number where the mask is not 0. Integers with a number that is not whole become {@code
   * F32}.
   */
  public final Tensor maskedFill(Tensor mask, double value) {
    return MapOp.masked("maskedFill", MASKED_FILL, value, self(), mask);
  }

  /** The elements in another type; real numbers are truncated to integers. */
  public final Tensor to(DType type) {
    return MapOp.cast(self(), type);
  }

  private void notZero(String name, double divisor) {
    if (divisor == 0 && !self().type().isReal()) {
      throw new IllegalArgumentException(name + ": integers are divided by zero");
    }
  }

  private static void notBooleans(String name, Tensor... x) {
    for (Tensor t : x) {
      if (t != null && t.type() == DType.BOOL) {
        throw new IllegalArgumentException(
            name
                + " of true and false; use logicalNot() or logicalXor(), or make them numbers by"
                + " to(DType.I32)");
      }
    }
  }
}
