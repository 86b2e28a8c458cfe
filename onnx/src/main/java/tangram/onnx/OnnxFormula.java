package tangram.onnx;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.DType;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.UnaryOp;

/** Writes formulas as ONNX nodes, a node or a few for each step. */
final class OnnxFormula {
  private final OnnxGraph graph;
  private final DType type;
  private final String[] inputs;
  private final double[] numbers;
  private final Map<Expr, Expr> lowered = new IdentityHashMap<>();

  /** A step's result: numbers of the type that is computed in, or booleans. */
  private record Value(String name, boolean isBoolean) {}

  /**
   * Prepares formulas of some operands.
   *
   * @param type that is computed in: F32, F64 or I64
   * @param inputs names of the operands, of that type or booleans; null where none is read
   * @param numbers the call's
   */
  OnnxFormula(OnnxGraph graph, DType type, String[] inputs, double[] numbers) {
    this.graph = graph;
    this.type = type;
    this.inputs = inputs;
    this.numbers = numbers;
  }

  /** Writes a formula; returns its result in a type. */
  String write(Expr root, DType to) {
    Program program = Program.of(List.of(lower(root)), inputs.length);
    List<Program.Step> steps = program.steps();
    Value[] values = new Value[steps.size()];
    for (int i = 0; i < values.length; i++) {
      Program.Step step = steps.get(i);
      values[i] = value(step, values);
    }
    Value result = values[program.result(0)];
    if (to == DType.BOOL) {
      return truth(result);
    }
    return graph.cast(result.name, result.isBoolean ? DType.BOOL : type, to);
  }

  private Value value(Program.Step step, Value[] values) {
    Expr node = step.node();
    if (node instanceof Expr.Input) {
      return new Value(inputs[((Expr.Input) node).index()], false);
    }
    if (node instanceof Expr.Parameter) {
      return new Value(graph.number(numbers[((Expr.Parameter) node).index()], type), false);
    }
    if (node instanceof Expr.Const) {
      return new Value(graph.number(((Expr.Const) node).value(), type), false);
    }
    if (node instanceof Expr.Unary) {
      String operator = operator(((Expr.Unary) node).op());
      return new Value(graph.add(operator, number(values[step.a()])), false);
    }
    if (node instanceof Expr.Where) {
      String condition = truth(values[step.a()]);
      return new Value(
          graph.add("Where", condition, number(values[step.b()]), number(values[step.c()])), false);
    }
    BinaryOp op = ((Expr.Binary) node).op();
    String a = number(values[step.a()]);
    String b = number(values[step.b()]);
    return switch (op) {
      case LT -> new Value(graph.add("Less", a, b), true);
      case LE -> new Value(graph.add("LessOrEqual", a, b), true);
      case EQ -> new Value(graph.add("Equal", a, b), true);
      case NE -> new Value(graph.add("Not", graph.add("Equal", a, b)), true);
      case ADD -> new Value(graph.add("Add", a, b), false);
      case SUB -> new Value(graph.add("Sub", a, b), false);
      case MUL -> new Value(graph.add("Mul", a, b), false);
      case DIV -> new Value(graph.add("Div", a, b), false);
      case POW -> new Value(graph.add("Pow", a, b), false);
      case MAX -> new Value(graph.add("Max", a, b), false);
      case MIN -> new Value(graph.add("Min", a, b), false);
      case REMAINDER -> new Value(graph.add("Mod", a, b), false);
      case FLOOR_DIVIDE -> new Value(floorDivide(a, b), false);
      default -> throw new IllegalStateException("no ONNX operator for " + op);
    };
  }

  /** Of integers: what is left of a without its remainder, which has the sign of b. */
  private String floorDivide(String a, String b) {
    return graph.add("Div", graph.add("Sub", a, graph.add("Mod", a, b)), b);
  }

  private String number(Value value) {
    return value.isBoolean ? graph.cast(value.name, DType.BOOL, type) : value.name;
  }

  private String truth(Value value) {
    return value.isBoolean ? value.name : graph.cast(value.name, type, DType.BOOL);
  }

  private static String operator(UnaryOp op) {
    String name = op.name();
    return name.charAt(0) + name.substring(1).toLowerCase(java.util.Locale.ROOT);
  }

  /** The formula of operators that ONNX has. */
  private Expr lower(Expr e) {
    Expr known = lowered.get(e);
    if (known == null) {
      known = lowered(e);
      lowered.put(e, known);
    }
    return known;
  }

  private Expr lowered(Expr e) {
    if (e instanceof Expr.Unary) {
      return unary(((Expr.Unary) e).op(), lower(((Expr.Unary) e).x()));
    }
    if (e instanceof Expr.Where) {
      Expr.Where where = (Expr.Where) e;
      return Expr.where(lower(where.condition()), lower(where.yes()), lower(where.no()));
    }
    if (e instanceof Expr.Binary) {
      Expr.Binary binary = (Expr.Binary) e;
      return binary(binary.op(), lower(binary.a()), lower(binary.b()));
    }
    return e;
  }

  private Expr unary(UnaryOp op, Expr x) {
    return switch (op) {
      case GELU -> x.mul(x.mul(Math.sqrt(0.5)).erf().add(1)).mul(0.5);
      case GELU_SLOPE ->
          x.mul(Math.sqrt(0.5))
              .erf()
              .add(1)
              .mul(0.5)
              .add(x.mul(x.square().mul(-0.5).exp()).mul(1 / Math.sqrt(2 * Math.PI)));
      case ERFC -> x.erf().rsub(1);
      // Near 0 by way of tanh(x / 2) = (exp(x) - 1) / (exp(x) + 1), which is exact there.
      case EXPM1 -> {
        Expr t = x.mul(0.5).tanh();
        yield Expr.where(x.abs().lt(0.5), t.mul(2).div(t.rsub(1)), x.exp().sub(1));
      }
      // Near 0 the error of 1 + x is made up for (Kahan).
      case LOG1P -> {
        Expr u = x.add(1);
        Expr d = u.sub(1);
        Expr near = Expr.where(d.eq(0), x, u.log().mul(x.div(Expr.where(d.eq(0), Expr.of(1), d))));
        yield Expr.where(x.abs().lt(0.5), near, u.log());
      }
      case RELU -> type.isReal() ? x.relu() : x.maximum(Expr.of(0));
      default -> new Expr.Unary(op, x);
    };
  }

  private Expr binary(BinaryOp op, Expr a, Expr b) {
    if (op == BinaryOp.ATAN2) {
      Expr angle = Expr.where(a.eq(0).mul(b.eq(0)), Expr.of(0), a.div(b));
      angle = new Expr.Unary(UnaryOp.ATAN, angle);
      Expr half = Expr.where(a.lt(0), Expr.of(-Math.PI), Expr.of(Math.PI));
      return Expr.where(b.lt(0), angle.add(half), angle);
    }
    if (op == BinaryOp.FLOOR_DIVIDE && type.isReal()) {
      return new Expr.Unary(UnaryOp.FLOOR, a.div(b));
    }
    if (op == BinaryOp.REMAINDER && type.isReal()) {
      return a.sub(b.mul(new Expr.Unary(UnaryOp.FLOOR, a.div(b))));
    }
    return new Expr.Binary(op, a, b);
  }
}
