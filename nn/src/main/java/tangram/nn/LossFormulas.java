package tangram.nn;

import tangram.tensor.Fused;
import tangram.tensor.expr.Expr;

/** What {@link Loss} computes element by element: mostly of an input, a target, and numbers. */
final class LossFormulas {
  static final Fused MSE = Fused.of((x, t) -> x.sub(t).square());
  static final Fused L1 = Fused.of((x, t) -> x.sub(t).abs());
  static final Fused SMOOTH_L1 =
      Fused.of(
          2,
          1,
          (x, p) -> {
            Expr d = x[0].sub(x[1]).abs();
            return Expr.where(d.lt(p[0]), d.square().mul(0.5).div(p[0]), d.sub(p[0].mul(0.5)));
          });
  static final Fused HUBER =
      Fused.of(
          2,
          1,
          (x, p) -> {
            Expr d = x[0].sub(x[1]).abs();
            return Expr.where(d.le(p[0]), d.square().mul(0.5), p[0].mul(d.sub(p[0].mul(0.5))));
          });
  static final Fused BCE =
      Fused.of(
          (x, t) -> {
            Expr log = x.log().maximum(Expr.of(-100));
            Expr other = x.neg().log1p().maximum(Expr.of(-100));
            return t.mul(log).add(t.rsub(1).mul(other)).neg();
          });

  /** Of input, target and the loss's gradient. As PyTorch, with a least denominator. */
  static final Fused BCE_GRADIENT =
      Fused.of(
          3, x -> x[2].mul(x[0].sub(x[1])).div(x[0].rsub(1).mul(x[0]).maximum(Expr.of(1e-12))));

  static final Fused BCE_WITH_LOGITS = Fused.of((x, t) -> t.rsub(1).mul(x).sub(logSigmoid(x)));
  static final Fused BCE_POSITIVE_WEIGHT =
      Fused.of(
          3, x -> x[1].rsub(1).mul(x[0]).sub(x[2].sub(1).mul(x[1]).add(1).mul(logSigmoid(x[0]))));
  static final Fused FOCAL =
      Fused.of(
          2,
          2,
          (x, p) -> {
            Expr t = x[1];
            Expr probability = x[0].sigmoid();
            Expr wrong = probability.mul(t.rsub(1)).add(probability.rsub(1).mul(t));
            Expr entropy = t.rsub(1).mul(x[0]).sub(logSigmoid(x[0]));
            Expr weight =
                Expr.where(p[0].lt(0), Expr.of(1), p[0].mul(t).add(p[0].rsub(1).mul(t.rsub(1))));
            return weight.mul(wrong.pow(p[1])).mul(entropy);
          });
  static final Fused KL = Fused.of((x, t) -> xlogx(t).sub(t.mul(x)));
  static final Fused KL_OF_LOGARITHMS = Fused.of((x, t) -> t.exp().mul(t.sub(x)));
  static final Fused SOFT_MARGIN = Fused.of((x, t) -> logSigmoid(t.mul(x)).neg());
  static final Fused HINGE_EMBEDDING =
      Fused.of(
          2,
          1,
          (x, p) ->
              Expr.where(x[1].eq(1), x[0], Expr.of(0))
                  .add(Expr.where(x[1].eq(-1), atLeast0(p[0].sub(x[0])), Expr.of(0))));
  static final Fused MARGIN_RANKING =
      Fused.of(3, 1, (x, p) -> atLeast0(x[2].neg().mul(x[0].sub(x[1])).add(p[0])));
  static final Fused COSINE_EMBEDDING =
      Fused.of(
          2,
          1,
          (x, p) ->
              Expr.where(x[1].eq(1), x[0].rsub(1), Expr.of(0))
                  .add(Expr.where(x[1].eq(-1), atLeast0(x[0].sub(p[0])), Expr.of(0))));
  static final Fused TRIPLET = Fused.of(2, 1, (x, p) -> atLeast0(x[0].sub(x[1]).add(p[0])));
  static final Fused GAUSSIAN_NLL =
      Fused.of(
          3, 1, (x, p) -> x[2].log().add(x[0].sub(x[1]).square().div(x[2])).mul(0.5).add(p[0]));

  /** The least variance, through which gradients pass as they are, as in PyTorch. */
  static final Fused LEAST = Fused.of(2, 1, (x, p) -> x[0].add(p[0].sub(x[1]).relu()));

  static final Fused POISSON_NLL_OF_LOGARITHMS = Fused.of((x, t) -> x.exp().sub(t.mul(x)));
  static final Fused POISSON_NLL_OF_RATES =
      Fused.of(2, 1, (x, p) -> x[0].sub(x[1].mul(x[0].add(p[0]).log())));

  /** Stirling's approximation of log(t!). */
  static final Fused STIRLING =
      Fused.of(
          t -> {
            Expr safe = Expr.where(t.gt(1), t, Expr.of(1));
            Expr value = safe.mul(safe.log()).sub(safe).add(safe.mul(2 * Math.PI).log().mul(0.5));
            return Expr.where(t.gt(1), value, Expr.of(0));
          });

  static final Fused PRODUCT = Fused.of((x, t) -> x.mul(t));
  static final Fused SUM = Fused.of((x, t) -> x.add(t));
  static final Fused DICE =
      Fused.of(2, 1, (x, p) -> x[0].mul(2).add(p[0]).div(x[1].add(p[0])).rsub(1));
  static final Fused SQUARE = Fused.of(x -> x.square());
  static final Fused MUL_EPS = Fused.of(2, 1, (x, p) -> x[0].add(p[0]).mul(x[1].add(p[0])));
  static final Fused DISTANCE = Fused.of(2, 2, (x, p) -> x[0].sub(x[1]).add(p[0]).abs().pow(p[1]));
  static final Fused DISTANCE_2 = Fused.of(2, 1, (x, p) -> x[0].sub(x[1]).add(p[0]).square());

  private LossFormulas() {}

  /** The logarithm of the sigmoid, with the right slope at 0 too. */
  private static Expr logSigmoid(Expr x) {
    return x.neg().relu().add(Expr.where(x.lt(0), x, x.neg()).exp().log1p()).neg();
  }

  /** {@code t log t}, 0 at 0. */
  private static Expr xlogx(Expr t) {
    Expr safe = Expr.where(t.eq(0), Expr.of(1), t);
    return safe.mul(safe.log());
  }

  /** {@code max(x, 0)} with a slope of 1 at 0, as PyTorch's clamp has. */
  private static Expr atLeast0(Expr x) {
    return Expr.where(x.lt(0), Expr.of(0), x);
  }
}
