package tangram.onnx.op;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/** Arithmetic, comparisons and choices, element by element. */
final class Elementwise {
  /** By the magnitude, chosen so that the derivative at 0 is 1. */
  private static final Formula ASINH =
      Formula.of(
          x -> {
            Expr a = Expr.where(x.lt(0), x.neg(), x);
            Expr square = a.square();
            Expr y = a.add(square.div(square.add(1).sqrt().add(1))).log1p();
            return Expr.where(x.lt(0), y.neg(), y);
          });

  private static final Formula ACOSH =
      Formula.of(x -> x.sub(1).add(x.sub(1).mul(x.add(1)).sqrt()).log1p());

  private static final Formula ATANH = Formula.of(x -> x.log1p().sub(x.neg().log1p()).mul(0.5));

  private Elementwise() {}

  static void register(Operators table) {
    real(table, "Acos", Tensor::acos);
    real(table, "Acosh", x -> MapOp.real("acosh", ACOSH, x));
    real(table, "Asin", Tensor::asin);
    real(table, "Asinh", x -> MapOp.real("asinh", ASINH, x));
    real(table, "Atan", Tensor::atan);
    real(table, "Atanh", x -> MapOp.real("atanh", ATANH, x));
    real(table, "Ceil", Tensor::ceil);
    real(table, "Cos", Tensor::cos);
    real(table, "Cosh", Tensor::cosh);
    real(table, "Erf", Tensor::erf);
    real(table, "Exp", Tensor::exp);
    real(table, "Floor", Tensor::floor);
    real(table, "Log", Tensor::log);
    real(table, "Reciprocal", Tensor::reciprocal);
    real(table, "Round", Tensor::round);
    real(table, "Sigmoid", Tensor::sigmoid);
    real(table, "Sin", Tensor::sin);
    real(table, "Sinh", Tensor::sinh);
    real(table, "Sqrt", Tensor::sqrt);
    real(table, "Tan", Tensor::tan);
    real(table, "Tanh", Tensor::tanh);

    number(table, "Abs", c -> c.type(0).isUnsigned() ? x -> x : Tensor::abs);
    number(table, "Neg", c -> Tensor::neg);
    number(table, "Sign", c -> c.type(0).isUnsigned() ? x -> x.minimum(1) : Tensor::sign);

    arithmetic(table, "Add", Tensor::add);
    arithmetic(table, "Sub", Tensor::sub);
    arithmetic(table, "Mul", Tensor::mul);
    table.one("Div", Elementwise::divide);
    table.one("Mod", Elementwise::modulo);
    table.one("Pow", Elementwise::power);
    table.one("Max", c -> fold(c, Elementwise::larger));
    table.one("Min", c -> fold(c, Elementwise::smaller));
    table.one("Sum", c -> fold(c, (d, a, b) -> add(a, b)));
    table.one(
        "Mean",
        c -> {
          OnnxTensor sum = fold(c, (d, a, b) -> add(a, b));
          return c.result(sum.type(), Call.precise(sum.tensor()).div(c.count()));
        });

    compare(table, "Equal", Tensor::eq, order -> order == 0);
    compare(table, "Greater", Tensor::gt, order -> order > 0);
    compare(table, "GreaterOrEqual", Tensor::ge, order -> order >= 0);
    compare(table, "Less", Tensor::lt, order -> order < 0);
    compare(table, "LessOrEqual", Tensor::le, order -> order <= 0);
    logic(table, "And", Tensor::logicalAnd);
    logic(table, "Or", Tensor::logicalOr);
    logic(table, "Xor", Tensor::logicalXor);
    table.one("Not", c -> c.result(ElementType.BOOL, c.t(0).logicalNot()));
    table.one("IsNaN", c -> c.result(ElementType.BOOL, c.t(0).isNaN()));
    table.one("IsInf", Elementwise::isInfinite);
    table.one("Where", Elementwise::where);

    bits(table, "BitwiseAnd", (a, b) -> a & b);
    bits(table, "BitwiseOr", (a, b) -> a | b);
    bits(table, "BitwiseXor", (a, b) -> a ^ b);
    table.one("BitwiseNot", c -> Integers.map(c, c.in(0), c.in(0), (a, b) -> ~a));
    table.one("BitShift", Elementwise::shift);
  }

  private static void real(Operators table, String name, UnaryOperator<Tensor> f) {
    table.one(name, c -> c.like(0, f.apply(c.real(0))));
  }

  /** Of whole numbers too. */
  private static void number(
      Operators table, String name, Function<Call, UnaryOperator<Tensor>> f) {
    table.one(
        name,
        c ->
            c.type(0).isReal()
                ? c.like(0, f.apply(c).apply(c.real(0)))
                : c.wrapped(integer(c, 0), f.apply(c).apply(c.t(0))));
  }

  private static ElementType integer(Call c, int i) {
    if (!c.type(i).isInteger()) {
      throw c.refuse("it has no meaning for elements of type " + c.type(i));
    }
    return c.type(i);
  }

  /** The second operand, as operators before opset 7 broadcast it. */
  private static OnnxTensor second(Call c) {
    OnnxTensor b = c.in(1);
    if (c.version() >= 7) {
      return b;
    }
    int[] dims = b.dims();
    if (!c.flag("broadcast")) {
      if (!Arrays.equals(dims, c.in(0).dims())) {
        throw new IllegalArgumentException(
            "shapes %s and %s differ, and attribute broadcast is not set"
                .formatted(c.t(0).shape(), c.t(1).shape()));
      }
      return b;
    }
    int rank = c.rank(0);
    long given = c.attr("axis", rank - dims.length);
    int axis = given == rank ? rank : c.axis(given, rank);
    int[] padded = new int[Math.max(dims.length, rank - axis)];
    Arrays.fill(padded, 1);
    System.arraycopy(dims, 0, padded, 0, dims.length);
    return new OnnxTensor(b.type(), b.tensor().reshape(padded), b.texts());
  }

  private static void arithmetic(Operators table, String name, BinaryOperator<Tensor> f) {
    table.one(
        name,
        c -> {
          OnnxTensor b = second(c);
          if (c.type(0).isReal()) {
            Tensor[] x = c.together(c.real(0), Call.precise(b.tensor()));
            return c.like(0, f.apply(x[0], x[1]));
          }
          integer(c, 0);
          Tensor[] x = c.together(c.t(0), b.tensor());
          return c.wrapped(c.type(0), f.apply(x[0], x[1]));
        });
  }

  private static OnnxTensor divide(Call c) {
    OnnxTensor b = second(c);
    if (c.type(0).isReal()) {
      Tensor[] x = c.together(c.real(0), Call.precise(b.tensor()));
      return c.like(0, x[0].div(x[1]));
    }
    boolean unsigned = integer(c, 0).isUnsigned();
    return Integers.map(
        c,
        c.in(0),
        b,
        (x, y) -> {
          if (y == 0) {
            throw new IllegalArgumentException("an integer is divided by zero");
          }
          return unsigned ? Long.divideUnsigned(x, y) : x / y;
        });
  }

  private static OnnxTensor modulo(Call c) {
    boolean likeC = c.flag("fmod");
    if (c.type(0).isReal()) {
      Tensor[] x = c.together(c.real(0), c.real(1));
      if (!likeC && c.version() < 28) {
        throw c.refuse("real numbers need the attribute fmod to be 1");
      }
      if (!likeC) {
        return c.like(0, x[0].remainder(x[1]));
      }
      return c.like(0, x[0].abs().remainder(x[1].abs()).mul(x[0].sign()));
    }
    boolean unsigned = integer(c, 0).isUnsigned();
    return Integers.map(
        c,
        c.in(0),
        c.in(1),
        (x, y) -> {
          if (y == 0) {
            throw new IllegalArgumentException("an integer is divided by zero");
          }
          return unsigned ? Long.remainderUnsigned(x, y) : likeC ? x % y : Math.floorMod(x, y);
        });
  }

  private static OnnxTensor power(Call c) {
    OnnxTensor b = second(c);
    Double constant = c.constant(1);
    if (c.type(0).isReal() && constant != null && b.tensor().shape().rank() <= c.rank(0)) {
      Tensor base = c.real(0);
      return c.like(0, constant == 2 ? base.square() : base.pow(constant));
    }
    if (c.type(0).isReal()) {
      Tensor base = c.real(0);
      Tensor exponent =
          b.type().isReal()
              ? Call.precise(b.tensor())
              : OnnxTensor.of(base.device(), ElementType.FLOAT, b.doubles(), b.dims()).tensor();
      Tensor[] x = c.together(base, exponent.to(base.type()));
      return c.like(0, x[0].pow(x[1]));
    }
    integer(c, 0);
    if (b.type().isInteger()) {
      return Integers.map(c, c.in(0), b, Integers::power);
    }
    int[] dims = MapOp.broadcast("Pow", c.t(0).to(c.host()), b.tensor().to(c.host())).dims();
    long[] base = c.t(0).expand(dims).toLongs();
    double[] exponent = b.tensor().expand(dims).toDoubles();
    for (int i = 0; i < base.length; i++) {
      base[i] = c.type(0).wrap((long) Math.pow(base[i], exponent[i]));
    }
    return c.result(c.type(0), base, dims);
  }

  /** A function of two tensors of one type. */
  interface Pair {
    OnnxTensor of(Call c, OnnxTensor a, OnnxTensor b);
  }

  /** All inputs, two at a time; real numbers in single precision at least. */
  private static OnnxTensor fold(Call c, Pair pair) {
    ElementType type = c.type(0);
    ElementType precise =
        type == ElementType.FLOAT16 || type == ElementType.BFLOAT16 ? ElementType.FLOAT : type;
    OnnxTensor result = new OnnxTensor(precise, Call.precise(c.t(0)));
    for (int i = 1; i < c.count(); i++) {
      result = pair.of(c, result, new OnnxTensor(precise, Call.precise(c.t(i))));
    }
    return c.result(type, result.tensor());
  }

  private static OnnxTensor add(OnnxTensor a, OnnxTensor b) {
    return new OnnxTensor(a.type(), a.tensor().add(b.tensor()));
  }

  static OnnxTensor larger(Call c, OnnxTensor a, OnnxTensor b) {
    if (a.type() == ElementType.UINT64) {
      return Integers.map(c, a, b, (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y);
    }
    Tensor[] x = c.together(a.tensor(), b.tensor());
    return new OnnxTensor(a.type(), x[0].maximum(x[1]));
  }

  static OnnxTensor smaller(Call c, OnnxTensor a, OnnxTensor b) {
    if (a.type() == ElementType.UINT64) {
      return Integers.map(c, a, b, (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y);
    }
    Tensor[] x = c.together(a.tensor(), b.tensor());
    return new OnnxTensor(a.type(), x[0].minimum(x[1]));
  }

  private static void compare(
      Operators table, String name, BinaryOperator<Tensor> f, IntPredicate holds) {
    table.one(
        name,
        c -> {
          OnnxTensor b = second(c);
          if (c.type(0) == ElementType.STRING) {
            int[] dims = MapOp.broadcast(name, c.t(0), b.tensor()).dims();
            String[] x = c.like(0, c.t(0).expand(dims)).strings();
            String[] y = new OnnxTensor(b.type(), b.tensor().expand(dims), b.texts()).strings();
            long[] result = new long[x.length];
            Arrays.setAll(result, i -> holds.test(x[i].compareTo(y[i])) ? 1 : 0);
            return c.result(ElementType.BOOL, result, dims);
          }
          if (c.type(0) == ElementType.UINT64) {
            Integers.Op op = (x, y) -> holds.test(Long.compareUnsigned(x, y)) ? 1 : 0;
            return Integers.map(c, c.in(0), b, ElementType.BOOL, op);
          }
          Tensor[] x = c.together(c.t(0), b.tensor());
          return c.result(ElementType.BOOL, f.apply(x[0], x[1]));
        });
  }

  private static void logic(Operators table, String name, BinaryOperator<Tensor> f) {
    table.one(name, c -> c.result(ElementType.BOOL, f.apply(c.t(0), second(c).tensor())));
  }

  private static OnnxTensor isInfinite(Call c) {
    Tensor x = c.t(0);
    Tensor all = x.isInf();
    if (c.attr("detect_negative", 1) == 0) {
      all = all.logicalAnd(x.gt(0));
    }
    if (c.attr("detect_positive", 1) == 0) {
      all = all.logicalAnd(x.lt(0));
    }
    return c.result(ElementType.BOOL, all);
  }

  private static OnnxTensor where(Call c) {
    OnnxTensor[] choices = Texts.together(c.in(1), c.in(2));
    Tensor[] x = c.together(c.t(0), choices[0].tensor(), choices[1].tensor());
    return Texts.result(c, choices[0], Tensor.where(x[0], x[1], x[2]));
  }

  private static void bits(Operators table, String name, Integers.Op op) {
    table.one(
        name,
        c -> {
          integer(c, 0);
          return Integers.map(c, c.in(0), c.in(1), op);
        });
  }

  /** Amounts that are negative or too large leave nothing but the sign. */
  private static OnnxTensor shift(Call c) {
    int bits = integer(c, 0).bits();
    return switch (c.attr("direction", "")) {
      case "LEFT" -> Integers.map(c, c.in(0), c.in(1), (x, y) -> y < 0 || y >= bits ? 0 : x << y);
      case "RIGHT" ->
          Integers.map(
              c,
              c.in(0),
              c.in(1),
              (x, y) -> {
                if (y < 0 || y >= bits) {
                  return c.type(0).isUnsigned() || x >= 0 ? 0 : -1;
                }
                return c.type(0).isUnsigned() ? x >>> y : x >> y;
              });
      default -> throw new IllegalArgumentException("attribute direction is LEFT or RIGHT");
    };
  }
}
