package tangram.tensor.op;

import static tangram.tensor.op.CascadeOp.row;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;

/**
 * Vectors along a dimension, scaled to unit length, and the cosine of the angle between two; {@code
 * normalize} and {@code cosine_similarity} of PyTorch.
 */
public final class NormalizeOp {
  private static final Map<Double, NormalizeOp> BY_POWER = new ConcurrentHashMap<>();

  /** Operands a, b; |a|^2 to |a|, |b|^2 to |b|, a b, the cosine. The number is eps. */
  private static final Cascade COSINE =
      new Cascade("cosine_similarity", 2, 0, 4, 1)
          .fold(0, Reducer.SUM, (x, p) -> x[0].square())
          .fold(1, Reducer.SUM, (x, p) -> x[1].square())
          .fold(2, Reducer.SUM, (x, p) -> x[0].mul(x[1]))
          .row(0, (x, p) -> x[2].sqrt())
          .row(1, (x, p) -> x[3].sqrt())
          .row(3, (x, p) -> x[4].div(x[2].maximum(p[0])).div(x[3].maximum(p[0])))
          .keep(0, 1, 3);

  /**
   * The derivative by a: operands a, b, |a|, |b|, the cosine, its gradient. Like PyTorch, it takes
   * eps for a length where that is smaller, and not for a constant.
   */
  private static final Formula COSINE_GRADIENT =
      Formula.of(
          6,
          1,
          (x, p) -> {
            Expr length = x[2].maximum(p[0]);
            Expr direct = x[1].div(length).div(x[3].maximum(p[0]));
            Expr away = x[0].div(length).mul(x[4]).div(length);
            return x[5].mul(direct.sub(away));
          });

  private final Cascade forward;
  private final Cascade backward;

  private NormalizeOp(double power) {
    boolean largest = power == Double.POSITIVE_INFINITY;
    forward =
        new Cascade("normalize", 1, 1, 2, 1)
            .fold(0, largest ? Reducer.MAX : Reducer.SUM, (x, p) -> term(x[0], power))
            .row(0, (x, p) -> root(x[2], power))
            .row(1, (x, p) -> x[2].maximum(p[0]))
            .map(0, (x, p) -> x[0].div(x[3]))
            .keep(0);
    // Operands y, |x|, gy; gx; sum y gy, how many are largest. Below eps the divisor is constant.
    backward =
        new Cascade("normalize_backward", 3, 1, 2, 1)
            .fold(0, Reducer.SUM, (x, p) -> x[0].mul(x[2]))
            .fold(1, Reducer.SUM, (x, p) -> largest ? x[0].abs().eq(1) : Expr.of(1))
            .row(0, (x, p) -> largest ? x[4].div(x[5]) : x[4])
            .row(
                0,
                (x, p) ->
                    Expr.where(x[1].lt(p[0]), Expr.of(0), Expr.where(x[1].eq(0), Expr.of(0), x[4])))
            .map(0, (x, p) -> x[2].sub(direction(x[0], power).mul(x[4])).div(x[1].maximum(p[0])));
  }

  private static Expr term(Expr x, double power) {
    return power == 2
        ? x.square()
        : power == 1 || power == Double.POSITIVE_INFINITY ? x.abs() : x.abs().pow(power);
  }

  private static Expr root(Expr sum, double power) {
    return power == 2
        ? sum.sqrt()
        : power == 1 || power == Double.POSITIVE_INFINITY ? sum : sum.pow(1 / power);
  }

  /** The derivative of the length by an element, of an element of a vector of unit length. */
  private static Expr direction(Expr y, double power) {
    if (power == 2) {
      return y;
    }
    Expr sign = y.sign();
    if (power == 1) {
      return sign;
    }
    if (power == Double.POSITIVE_INFINITY) {
      return sign.mul(y.abs().eq(1));
    }
    return Expr.where(y.eq(0), Expr.of(0), sign.mul(y.abs().pow(power - 1)));
  }

  /**
   * {@code y = x / max(|x|, eps)}.
   *
   * @param p the length is the p-th root of the sum of p-th powers; infinity: the largest magnitude
   * @param axis the dimension along which vectors lie
   */
  public static Tensor normalize(Tensor x, double p, int axis, double eps) {
    Checks.alike("normalize", x);
    Checks.that(p > 0, () -> "normalize: p is positive, not " + p);
    int[] rows = SoftmaxOp.rowDims("normalize", x, axis);
    NormalizeOp op = BY_POWER.computeIfAbsent(p, NormalizeOp::new);
    double[] numbers = {eps};
    Tensor y = Checks.like(x);
    Tensor norm = row(x, rows);
    run(op.forward, numbers, x, rows, new View[] {x.asView()}, y.asView(), norm.asView());
    Tensor[] read = {x};
    Tracer.current().cascade(op.forward, numbers, rows, read, new int[][] {x.shape().dims()}, 1, y);
    return Autograd.record(
        "normalize(x)",
        y,
        x,
        new Tensor[] {y, norm},
        gy -> {
          Tensor gx = Checks.inPlaceOf(gy);
          View[] inputs = {y.asView(), norm.asView().expand(y.shape().dims()), gy.asView()};
          run(op.backward, numbers, y, rows, inputs, gx.asView());
          return gx;
        });
  }

  private static void run(
      Cascade c, double[] numbers, Tensor x, int[] rowDims, View[] inputs, View y, View... rows) {
    CascadeOp.run(c, numbers, x.device(), x.type(), rowDims, inputs, new View[] {y}, rows);
  }

  /**
   * {@code a b / (max(|a|, eps) max(|b|, eps))}; shapes broadcast.
   *
   * @param axis the dimension along which vectors lie, which the result lacks
   */
  public static Tensor cosineSimilarity(Tensor a, Tensor b, int axis, double eps) {
    String name = "cosine_similarity";
    Checks.alike(name, a, b);
    Shape shape = MapOp.broadcast(name, a, b);
    boolean[] folded = FoldOp.folded(name, shape, axis);
    int[] dims = shape.dims();
    int[] rows = FoldOp.shape(shape, folded, true).dims();
    Tensor y = a.device().uninitialized(a.type(), FoldOp.shape(shape, folded, false));
    Tensor lengthA = row(a, rows);
    Tensor lengthB = row(a, rows);
    double[] numbers = {eps};
    CascadeOp.run(
        COSINE,
        numbers,
        a.device(),
        a.type(),
        rows,
        new View[] {a.asView().expand(dims), b.asView().expand(dims)},
        new View[0],
        lengthA.asView(),
        lengthB.asView(),
        FoldOp.opened(y, shape, folded));
    int[][] read = {a.shape().dims(), b.shape().dims()};
    Tracer.current().cascade(COSINE, numbers, rows, new Tensor[] {a, b}, read, 5, y);
    return Autograd.record(
        name + "(a, b)",
        y,
        new Tensor[] {a, b},
        new Tensor[] {a, b, lengthA, lengthB, y},
        gy -> {
          View cosine = FoldOp.opened(y, shape, folded).expand(dims);
          View g = FoldOp.opened(gy, shape, folded).expand(dims);
          View u = a.asView().expand(dims);
          View v = b.asView().expand(dims);
          View m = lengthA.asView().expand(dims);
          View n = lengthB.asView().expand(dims);
          View[] byA = {u, v, m, n, cosine, g};
          View[] byB = {v, u, n, m, cosine, g};
          return new Tensor[] {
            a.requiresGrad() ? MapOp.sumTo(a, COSINE_GRADIENT, numbers, byA, shape) : null,
            b.requiresGrad() ? MapOp.sumTo(b, COSINE_GRADIENT, numbers, byB, shape) : null
          };
        });
  }
}
