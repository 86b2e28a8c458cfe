package tangram.onnx.op;

import java.util.Arrays;
import java.util.function.BiFunction;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/** Activation functions. */
final class Activations {
  private static final Formula PRELU =
      Formula.of((x, slope) -> Expr.where(x.gt(0), x, x.mul(slope)));

  private static final Formula SWIGLU =
      Formula.of(2, 1, (x, p) -> x[0].mul(x[0].mul(p[0]).sigmoid()).mul(x[1]));

  private Activations() {}

  static void register(Operators table) {
    formula(table, "Celu", Activations::celu, p("alpha", 1));
    formula(table, "Elu", (x, p) -> Expr.where(x.gt(0), x, x.expm1().mul(p[0])), p("alpha", 1));
    formula(
        table,
        "HardSigmoid",
        (x, p) -> x.mul(p[0]).add(p[1]).maximum(Expr.of(0)).minimum(Expr.of(1)),
        p("alpha", 0.2),
        p("beta", 0.5));
    formula(
        table,
        "HardSwish",
        (x, p) -> x.mul(x.div(6).add(0.5).maximum(Expr.of(0)).minimum(Expr.of(1))));
    formula(table, "LeakyRelu", (x, p) -> Expr.where(x.gt(0), x, x.mul(p[0])), p("alpha", 0.01));
    formula(table, "Mish", (x, p) -> x.mul(x.relu().add(x.abs().neg().exp().log1p()).tanh()));
    formula(
        table,
        "Selu",
        (x, p) -> Expr.where(x.gt(0), x, x.expm1().mul(p[0])).mul(p[1]),
        p("alpha", 1.67326319217681884765625),
        p("gamma", 1.05070102214813232421875));
    table.one("Softplus", c -> c.like(0, c.real(0).softplus()));
    formula(table, "Softsign", (x, p) -> x.div(x.abs().add(1)));
    formula(table, "Swish", (x, p) -> x.mul(x.mul(p[0]).sigmoid()), p("alpha", 1));
    formula(
        table, "ThresholdedRelu", (x, p) -> Expr.where(x.gt(p[0]), x, Expr.of(0)), p("alpha", 1));
    Formula tanh =
        Formula.of(
            x ->
                x.mul(0.5)
                    .mul(
                        x.add(x.mul(x).mul(x).mul(0.044715))
                            .mul(Math.sqrt(2 / Math.PI))
                            .tanh()
                            .add(1)));
    table.one(
        "Gelu",
        c ->
            switch (c.attr("approximate", "none")) {
              case "none" -> c.like(0, c.real(0).gelu());
              case "tanh" -> c.like(0, MapOp.real("gelu", tanh, c.real(0)));
              default -> throw c.refuse("attribute approximate is none or tanh");
            });
    table.one("Relu", Activations::relu);
    table.one("PRelu", Activations::prelu);
    table.one(
        "SwiGLU",
        c -> {
          double[] alpha = {c.attr("alpha", 1.0)};
          return c.like(0, MapOp.real("swiglu", SWIGLU, alpha, c.real(0), c.real(1)));
        });
    table.one("Shrink", Activations::shrink);
    table.one("Clip", Activations::clip);
    table.one("Softmax", c -> along(c, Tensor::softmax));
    table.one("LogSoftmax", c -> along(c, Tensor::logSoftmax));
    table.one("Hardmax", c -> along(c, Activations::hardmax));
  }

  /** An attribute with a number, and its default. */
  private record Parameter(String name, double otherwise) {}

  private static Parameter p(String name, double otherwise) {
    return new Parameter(name, otherwise);
  }

  private static void formula(
      Operators table, String name, BiFunction<Expr, Expr[], Expr> f, Parameter... parameters) {
    Formula formula = Formula.of(1, parameters.length, (x, p) -> f.apply(x[0], p));
    table.one(
        name,
        c -> {
          double[] numbers = new double[parameters.length];
          Arrays.setAll(numbers, i -> c.attr(parameters[i].name, parameters[i].otherwise));
          return c.like(0, MapOp.real(name, formula, numbers, c.real(0)));
        });
  }

  private static Expr celu(Expr x, Expr[] p) {
    return Expr.where(x.gt(0), x, x.div(p[0]).expm1().mul(p[0]));
  }

  private static OnnxTensor relu(Call c) {
    return c.type(0).isReal() ? c.like(0, c.real(0).relu()) : c.like(0, c.t(0).maximum(0));
  }

  private static OnnxTensor prelu(Call c) {
    Tensor x = c.real(0);
    Tensor slope = c.real(1);
    int rank = x.shape().rank();
    if (c.version() < 7 && slope.size() > 1 && slope.shape().rank() == 1) {
      // One for each channel.
      int[] dims = new int[rank - 1];
      Arrays.fill(dims, 1);
      dims[0] = slope.size();
      slope = slope.reshape(dims);
    }
    return c.like(0, MapOp.real("prelu", PRELU, x, slope));
  }

  private static OnnxTensor shrink(Call c) {
    double lambda = c.attr("lambd", 0.5);
    double bias = c.attr("bias", 0.0);
    Tensor x = c.type(0).isReal() ? c.real(0) : c.t(0).to(DType.F32);
    Tensor zero = x.device().zeros(x.type(), Shape.of());
    Tensor y =
        Tensor.where(x.lt(-lambda), x.add(bias), Tensor.where(x.gt(lambda), x.sub(bias), zero));
    return c.like(0, y);
  }

  private static OnnxTensor clip(Call c) {
    ElementType type = c.type(0);
    if (!type.isReal()) {
      OnnxTensor x = c.in(0);
      x = c.has(1) ? Elementwise.larger(c, x, c.in(1)) : x;
      x = c.has(2) ? Elementwise.smaller(c, x, c.in(2)) : x;
      return c.result(type, x.tensor());
    }
    boolean old = c.version() < 11;
    double least =
        old ? c.attr("min", Double.NEGATIVE_INFINITY) : c.number(1, Double.NEGATIVE_INFINITY);
    double most =
        old ? c.attr("max", Double.POSITIVE_INFINITY) : c.number(2, Double.POSITIVE_INFINITY);
    // Where the bounds are in the wrong order the upper one wins.
    return c.like(0, c.real(0).clamp(Math.min(least, most), most));
  }

  /** Along one dimension; before opset 13, along all from one on. */
  private static OnnxTensor along(Call c, BiFunction<Tensor, Integer, Tensor> f) {
    Tensor x = c.real(0);
    int rank = x.shape().rank();
    int axis = c.axis(c.attr("axis", c.version() < 13 ? 1 : -1), Math.max(1, rank));
    if (c.version() >= 13) {
      return c.like(0, f.apply(x, axis));
    }
    int[] dims = x.shape().dims();
    int rows = 1;
    for (int d = 0; d < axis; d++) {
      rows *= dims[d];
    }
    Tensor flat = x.reshape(rows, rows == 0 ? 0 : x.size() / rows);
    return c.like(0, f.apply(flat, 1).reshape(dims));
  }

  private static Tensor hardmax(Tensor x, int axis) {
    Tensor first = x.argmax(axis, true);
    Tensor zeros = x.device().zeros(x.type(), x.shape());
    return zeros.scatter(axis, first, x.device().full(1, x.type(), first.shape()));
  }
}
