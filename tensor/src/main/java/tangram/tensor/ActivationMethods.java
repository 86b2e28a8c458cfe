package tangram.tensor;

import java.util.Arrays;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/** Activations of networks, element by element: what {@code torch.nn.functional} has. */
public abstract sealed class ActivationMethods extends SpatialMethods permits ElementwiseMethods {
  /** Of Klambauer et al. 2017, eq. 14. */
  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

  private static final double SELU_SCALE = 1.0507009873554804934193349852946;
  private static final Formula RELU = Formula.of(x -> x.relu());
  private static final Formula MISH =
      Formula.of(x -> x.mul(x.relu().add(x.abs().neg().exp().log1p()).tanh()));
  private static final Formula SILU = Formula.of(x -> x.mul(x.sigmoid()));
  private static final Formula GELU = Formula.of(x -> x.gelu());
  private static final Formula SOFTPLUS =
      Formula.of(x -> x.relu().add(Expr.where(x.gt(0), x.neg(), x).exp().log1p()));
  private static final Formula LOG_SIGMOID =
      Formula.of(x -> x.neg().relu().add(Expr.where(x.lt(0), x, x.neg()).exp().log1p()).neg());
  private static final Formula LEAKY_RELU =
      Formula.of(1, 1, (x, p) -> Expr.where(x[0].gt(0), x[0], x[0].mul(p[0])));
  private static final Formula ELU = Formula.of(1, 1, (x, p) -> elu(x[0], p[0]));
  private static final Formula GELU_TANH =
      Formula.of(
          x ->
              x.mul(0.5)
                  .mul(
                      x.add(x.mul(x).mul(x).mul(0.044715))
                          .mul(Math.sqrt(2 / Math.PI))
                          .tanh()
                          .add(1)));
  private static final Formula HARDTANH =
      Formula.of(
          1, 2, (x, p) -> Expr.where(x[0].le(p[0]), p[0], Expr.where(x[0].ge(p[1]), p[1], x[0])));
  private static final Formula HARDSIGMOID = Formula.of(x -> hardSigmoid(x));
  private static final Formula HARDSWISH = Formula.of(x -> hardSwish(x));
  private static final Formula SELU = Formula.of(x -> elu(x, Expr.of(SELU_ALPHA)).mul(SELU_SCALE));
  private static final Formula CELU =
      Formula.of(
          1,
          1,
          (x, p) ->
              Expr.where(x[0].le(Expr.of(0)), negative(x[0]).div(p[0]).expm1().mul(p[0]), x[0]));
  private static final Formula SOFTSIGN = Formula.of(x -> x.div(x.abs().add(1)));
  private static final Formula TANHSHRINK = Formula.of(x -> x.sub(x.tanh()));
  private static final Formula SOFTSHRINK =
      Formula.of(
          1,
          1,
          (x, p) ->
              Expr.where(
                  x[0].gt(p[0]),
                  x[0].sub(p[0]),
                  Expr.where(x[0].lt(p[0].neg()), x[0].add(p[0]), x[0].mul(0))));
  private static final Formula HARDSHRINK =
      Formula.of(1, 1, (x, p) -> Expr.where(x[0].abs().le(p[0]), Expr.of(0), x[0]));
  private static final Formula THRESHOLD =
      Formula.of(1, 2, (x, p) -> Expr.where(x[0].le(p[0]), p[1], x[0]));
  private static final Formula PRELU = Formula.of((x, w) -> Expr.where(x.gt(0), x, x.mul(w)));
  private static final Formula GLU = Formula.of((a, b) -> a.mul(b.sigmoid()));

  ActivationMethods() {}

  /** x where it is negative, so that nothing becomes infinite, nor its derivative, elsewhere. */
  private static Expr negative(Expr x) {
    return Expr.where(x.le(Expr.of(0)), x, Expr.of(0));
  }

  private static Expr elu(Expr x, Expr alpha) {
    return Expr.where(x.le(Expr.of(0)), negative(x).expm1().mul(alpha), x);
  }

  private static Expr hardSwish(Expr x) {
    Expr low = x.lt(-3);
    Expr middle = x.le(Expr.of(3));
    // Of large numbers the square is infinite, and so is its derivative.
    Expr v = Expr.where(low, Expr.of(0), Expr.where(middle, x, Expr.of(0)));
    // NaN of -infinity, as PyTorch has it.
    Expr zero = Expr.where(x.eq(Double.NEGATIVE_INFINITY), Expr.of(Double.NaN), Expr.of(0));
    return Expr.where(low, zero, Expr.where(middle, v.mul(v.add(3)).div(6), x));
  }

  private static Expr hardSigmoid(Expr x) {
    Expr inside =
        Expr.where(
            x.lt(3),
            x.add(3).div(6),
            Expr.where(x.ge(Expr.of(3)), Expr.of(1), Expr.of(Double.NaN)));
    return Expr.where(x.le(Expr.of(-3)), Expr.of(0), inside);
  }

  /** {@code max(x, 0)}; the gradient at 0 is 0. */
  public final Tensor relu() {
    return MapOp.map("relu", RELU, self());
  }

  /** {@code x * tanh(softplus(x))} (Misra 2019). */
  public final Tensor mish() {
    return MapOp.real("mish", MISH, self());
  }

  /** {@code x * sigmoid(x)}. Source: Elfwing et al. 2017. */
  public final Tensor silu() {
    return MapOp.real("silu", SILU, self());
  }

  /**
   * {@code x * Phi(x)} with the normal distribution function Phi. Source: Hendrycks and Gimpel
   * 2016.
   */
  public final Tensor gelu() {
    return MapOp.real("gelu", GELU, self());
  }

  /** {@code log(1 + exp(x))}. */
  public final Tensor softplus() {
    return MapOp.real("softplus", SOFTPLUS, self());
  }

  /** {@code log(sigmoid(x))}. */
  public final Tensor logSigmoid() {
    return MapOp.real("logSigmoid", LOG_SIGMOID, self());
  }

  /** x where it is positive, elsewhere x times the slope. Source: Maas et al. 2013. */
  public final Tensor leakyRelu(double negativeSlope) {
    return MapOp.real("leakyRelu", LEAKY_RELU, new double[] {negativeSlope}, self());
  }

  /**
   * x where it is positive, elsewhere {@code alpha * (exp(x) - 1)}. Source: Clevert et al. 2015.
   */
  public final Tensor elu(double alpha) {
    return MapOp.real("elu", ELU, new double[] {alpha}, self());
  }

  /** {@link #gelu} by its approximation with a hyperbolic tangent, as GPT-2 has it. */
  public final Tensor geluTanh() {
    return MapOp.real("geluTanh", GELU_TANH, self());
  }

  /** {@code min(max(x, 0), 6)}. */
  public final Tensor relu6() {
    return MapOp.real("relu6", HARDTANH, new double[] {0, 6}, self());
  }

  /** x, but not less than least nor greater than most; the gradient is 0 at both. */
  public final Tensor hardtanh(double least, double most) {
    return MapOp.real("hardtanh", HARDTANH, new double[] {least, most}, self());
  }

  /** {@code min(max(x + 3, 0), 6) / 6}. */
  public final Tensor hardsigmoid() {
    return MapOp.real("hardsigmoid", HARDSIGMOID, self());
  }

  /** {@code x * hardsigmoid(x)}. Source: Howard et al. 2019. */
  public final Tensor hardswish() {
    return MapOp.real("hardswish", HARDSWISH, self());
  }

  /** An {@link #elu} that keeps mean and variance. Source: Klambauer et al. 2017. */
  public final Tensor selu() {
    return MapOp.real("selu", SELU, self());
  }

  /** {@code alpha * (exp(x / alpha) - 1)} where x is negative. Source: Barron 2017. */
  public final Tensor celu(double alpha) {
    return MapOp.real("celu", CELU, new double[] {alpha}, self());
  }

  /** {@code x / (1 + |x|)}. */
  public final Tensor softsign() {
    return MapOp.real("softsign", SOFTSIGN, self());
  }

  /** {@code x - tanh(x)}. */
  public final Tensor tanhshrink() {
    return MapOp.real("tanhshrink", TANHSHRINK, self());
  }

  /** x moved towards 0 by a number, and 0 where it is nearer. */
  public final Tensor softshrink(double lambda) {
    return MapOp.real("softshrink", SOFTSHRINK, new double[] {lambda}, self());
  }

  /** x, but 0 where its magnitude is at most a number. */
  public final Tensor hardshrink(double lambda) {
    return MapOp.real("hardshrink", HARDSHRINK, new double[] {lambda}, self());
  }

  /** x where it is greater than a number, elsewhere another number. */
  public final Tensor threshold(double threshold, double value) {
    return MapOp.real("threshold", THRESHOLD, new double[] {threshold, value}, self());
  }

  /**
   * x where it is positive, elsewhere x times a slope. Source: He et al. 2015.
   *
   * @param weight one slope, or one for each channel of [N, C, ...]
   */
  public final Tensor prelu(Tensor weight) {
    Tensor x = self();
    int rank = x.shape().rank();
    if (weight.size() == 1 || rank <= 2) {
      return MapOp.real("prelu", PRELU, x, weight);
    }
    int[] dims = new int[rank - 1];
    Arrays.fill(dims, 1);
    dims[0] = weight.size();
    return MapOp.real("prelu", PRELU, x, weight.reshape(dims));
  }

  /** The first half along a dimension times the sigmoid of the second (Dauphin et al. 2016). */
  public final Tensor glu(int axis) {
    int size = self().dim(axis);
    if (size % 2 != 0) {
      throw new IllegalArgumentException(
          "glu: dimension " + axis + " of " + self().shape() + " has no halves");
    }
    return MapOp.real(
        "glu", GLU, self().narrow(axis, 0, size / 2), self().narrow(axis, size / 2, size / 2));
  }

  /** {@link Tensor#softmax} of -x. */
  public final Tensor softmin(int axis) {
    return self().neg().softmax(axis);
  }
}
