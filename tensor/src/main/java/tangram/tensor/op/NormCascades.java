package tangram.tensor.op;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;

/** What {@link NormOp} computes, for each combination of its options. */
final class NormCascades {
  // The call's numbers.
  private static final int COUNT = 0;
  private static final int EPS = 1;
  private static final int MOMENTUM = 2;

  private record Options(
      String name,
      boolean centred,
      boolean gamma,
      boolean beta,
      boolean residual,
      boolean relu,
      boolean statistics,
      boolean weightsOfRow,
      boolean fixed) {}

  private static final Map<Options, NormCascades> KNOWN = new ConcurrentHashMap<>();

  final Cascade forward;
  final Cascade backward;
  final Cascade backwardWithResidual;
  final boolean relu;
  final boolean weightsOfRow;

  private NormCascades(Options o) {
    forward = forward(o);
    backward = backward(o, false);
    backwardWithResidual = backward(o, true);
    relu = o.relu;
    weightsOfRow = o.weightsOfRow;
  }

  /**
   * The cascades for some options.
   *
   * @param centred whether the mean is subtracted
   * @param statistics whether running statistics are updated
   * @param weightsOfRow whether gamma and beta are the same all along a row
   * @param fixed whether mean and variance are given
   */
  static NormCascades of(
      String name,
      boolean centred,
      Tensor gamma,
      Tensor beta,
      Tensor residual,
      boolean relu,
      boolean statistics,
      boolean weightsOfRow,
      boolean fixed) {
    Options options =
        new Options(
            name,
            centred,
            gamma != null,
            beta != null,
            residual != null,
            relu,
            statistics,
            weightsOfRow,
            fixed);
    return KNOWN.computeIfAbsent(options, NormCascades::new);
  }

  /** Keeps mean (if centred and not fixed), 1 / std, and the new statistics (if wanted). */
  private static Cascade forward(Options o) {
    int gamma = 1;
    int beta = 2;
    int residual = 3;
    int runningMean = 4;
    int runningVar = 5;
    int rows = 7;
    int mean = rows;
    int squares = rows + 1;
    int invStd = rows + 3;
    int scale = rows + 4;
    Cascade c = new Cascade(o.name, 6, 1, o.statistics ? 7 : 5, 3);
    if (o.fixed) {
      c.row(3, (x, p) -> Expr.of(1).div(x[runningVar].add(p[EPS]).sqrt()));
    } else {
      if (o.centred) {
        c.moments(0, COUNT, (x, p) -> x[0]).keep(0);
      } else {
        c.fold(1, Reducer.SUM, (x, p) -> x[0].square());
      }
      c.row(3, (x, p) -> Expr.of(1).div(x[squares].div(p[COUNT]).add(p[EPS]).sqrt()));
    }
    c.keep(3);
    if (o.weightsOfRow && o.gamma) {
      c.row(4, (x, p) -> x[gamma].mul(x[invStd]));
    }
    if (o.statistics) {
      c.row(5, (x, p) -> lerp(x[runningMean], x[mean], p[MOMENTUM])).keep(5);
      c.row(6, (x, p) -> lerp(x[runningVar], x[squares].div(p[COUNT].sub(1)), p[MOMENTUM])).keep(6);
    }
    return c.map(
        0,
        (x, p) -> {
          Expr y = o.fixed ? x[0].sub(x[runningMean]) : o.centred ? x[0].sub(x[mean]) : x[0];
          y = y.mul(o.weightsOfRow && o.gamma ? x[scale] : x[invStd]);
          y = o.gamma && !o.weightsOfRow ? y.mul(x[gamma]) : y;
          y = o.beta ? y.add(x[beta]) : y;
          y = o.residual ? y.add(x[residual]) : y;
          return o.relu ? y.relu() : y;
        });
  }

  private static Expr lerp(Expr from, Expr to, Expr t) {
    return from.add(t.mul(to.sub(from)));
  }

  /**
   * With g the gradient behind the activation and h = (x - mean) / std: {@code gx = gamma / std (g
   * - mean(g) - h mean(g h))}. Keeps the sums of g and of g h. Where gamma and beta change along a
   * row, their gradients are the outputs after that of x.
   */
  private static Cascade backward(Options o, boolean withResidual) {
    int gamma = 1;
    int y = 2;
    int mean = 3;
    int invStd = 4;
    int gy = 5;
    int gResidual = 7;
    boolean ofGamma = !o.weightsOfRow && o.gamma;
    boolean ofBeta = !o.weightsOfRow && o.beta;
    int outputs = 1 + (withResidual ? 1 : 0) + (ofGamma ? 1 : 0) + (ofBeta ? 1 : 0);
    int rows = 6 + outputs;
    int sum = rows;
    int product = rows + 1;
    int factor = rows + 2;
    int slope = rows + 3;
    int shift = rows + 4;
    Cascade c = new Cascade(o.name + "_backward", 6, outputs, 5, 3);
    if (withResidual) {
      c.map(1, (x, p) -> Expr.where(x[y].gt(0), x[gy], Expr.of(0)));
    }
    Function<Expr[], Expr> behind =
        x ->
            withResidual
                ? x[gResidual]
                : o.relu ? Expr.where(x[y].gt(0), x[gy], Expr.of(0)) : x[gy];
    Function<Expr[], Expr> g = x -> ofGamma ? behind.apply(x).mul(x[gamma]) : behind.apply(x);
    Function<Expr[], Expr> d = x -> o.centred ? x[0].sub(x[mean]) : x[0];
    if (ofGamma) {
      c.across(1, (x, p) -> behind.apply(x).mul(d.apply(x)).mul(x[invStd]));
    }
    if (ofBeta) {
      c.across(outputs - 1, (x, p) -> behind.apply(x));
    }
    c.fold(0, Reducer.SUM, (x, p) -> g.apply(x));
    c.fold(1, Reducer.SUM, (x, p) -> g.apply(x).mul(d.apply(x)));
    c.row(1, (x, p) -> x[product].mul(x[invStd])).keep(0, 1);
    c.row(2, (x, p) -> o.weightsOfRow && o.gamma ? x[gamma].mul(x[invStd]) : x[invStd]);
    if (!o.fixed) {
      c.row(3, (x, p) -> x[factor].mul(x[invStd]).mul(x[product]).div(p[COUNT]).neg());
      c.row(4, (x, p) -> x[factor].mul(x[sum]).div(p[COUNT]).neg());
    }
    return c.map(
        0,
        (x, p) -> {
          Expr gx = x[factor].mul(g.apply(x));
          gx = o.fixed ? gx : gx.add(x[slope].mul(d.apply(x)));
          return o.fixed || !o.centred ? gx : gx.add(x[shift]);
        });
  }
}
