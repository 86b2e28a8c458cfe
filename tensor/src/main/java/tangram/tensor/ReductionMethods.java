package tangram.tensor;

import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.ScaledDotProductAttentionOp;
import tangram.tensor.op.SoftmaxOp;

/**
 * What {@link Tensor} can do along dimensions. {@code axes} name the dimensions, negative ones from
 * the end; without any, all are folded. {@code keepDim} keeps them with one element.
 */
public abstract sealed class ReductionMethods extends ElementwiseMethods permits IndexMethods {
  private static final Formula SQUARED_DIFFERENCE =
      Formula.of((x, mean) -> x.sub(mean).mul(x.sub(mean)));

  /** The square root, whose derivative at 0 is 0 here. */
  private static final Formula ROOT =
      Formula.of(x -> Expr.where(x.eq(0), Expr.of(0), Expr.where(x.eq(0), Expr.of(1), x).sqrt()));

  private static final Formula SHIFTED_EXP = Formula.of((x, shift) -> x.sub(shift).exp());
  private static final Formula FINITE_OR_ZERO =
      Formula.of(x -> Expr.where(x.sub(x).eq(0), x, Expr.of(0)));
  private static final double[] NONE = {};

  ReductionMethods() {}

  /** The sum; of integers in the {@linkplain Device#indexType type of places}. */
  public final Tensor sum(int... axes) {
    return sum(axes, false);
  }

  /** The sum; of integers in the {@linkplain Device#indexType type of places}. */
  public final Tensor sum(int[] axes, boolean keepDim) {
    return FoldOp.sum(self(), axes, keepDim);
  }

  /** The mean, of integers too; NaN of no elements. */
  public final Tensor mean(int... axes) {
    return mean(axes, false);
  }

  /** The mean, of integers too; NaN of no elements. */
  public final Tensor mean(int[] axes, boolean keepDim) {
    Tensor real = real();
    return real.sum(axes, keepDim)
        .then(sum -> sum.div((double) self().size() / Math.max(1, sum.size())));
  }

  /** The unbiased variance, of n elements the sum of squared deviations by n - 1. */
  public final Tensor var(int... axes) {
    return var(axes, 1, false);
  }

  /**
   * The variance.
   *
   * @param correction what is subtracted from the number of elements: 1 for the unbiased variance,
   *     0 for the biased one
   */
  public final Tensor var(int[] axes, int correction, boolean keepDim) {
    Tensor real = real();
    // A constant here: deviations from the mean add up to 0, and so does its gradient.
    Tensor mean;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      mean = real.mean(axes, true);
    }
    Tensor squares = FoldOp.sum("var", SQUARED_DIFFERENCE, NONE, axes, keepDim, real, mean);
    mean.release();
    int count = self().size() / Math.max(1, squares.size());
    return squares.then(sum -> sum.div(Math.max(0, count - correction)));
  }

  /** The unbiased standard deviation. */
  public final Tensor std(int... axes) {
    return std(axes, 1, false);
  }

  /** The standard deviation; see {@link #var(int[], int, boolean)}. */
  public final Tensor std(int[] axes, int correction, boolean keepDim) {
    return var(axes, correction, keepDim).then(v -> MapOp.map("std", ROOT, v));
  }

  /** The product; of integers in the {@linkplain Device#indexType type of places}. */
  public final Tensor prod(int... axes) {
    return prod(axes, false);
  }

  /** The product; of integers in the {@linkplain Device#indexType type of places}. */
  public final Tensor prod(int[] axes, boolean keepDim) {
    return FoldOp.prod(self(), axes, keepDim);
  }

  /** The largest elements; NaN if one is. Equal ones share the gradient, as in PyTorch's amax. */
  public final Tensor max(int... axes) {
    return max(axes, false);
  }

  /** The largest elements; NaN if one is. Equal ones share the gradient, as in PyTorch's amax. */
  public final Tensor max(int[] axes, boolean keepDim) {
    return FoldOp.extreme(self(), true, axes, keepDim);
  }

  /** The smallest elements; NaN if one is. Equal ones share the gradient, as in PyTorch's amin. */
  public final Tensor min(int... axes) {
    return min(axes, false);
  }

  /** The smallest elements; NaN if one is. Equal ones share the gradient, as in PyTorch's amin. */
  public final Tensor min(int[] axes, boolean keepDim) {
    return FoldOp.extreme(self(), false, axes, keepDim);
  }

  /** Where the largest element along a dimension is, the first of several. */
  public final Tensor argmax(int axis) {
    return argmax(axis, false);
  }

  /** Where the largest element along a dimension is, the first of several. */
  public final Tensor argmax(int axis, boolean keepDim) {
    return FoldOp.argExtreme(self(), true, axis, keepDim);
  }

  /** Where the smallest element along a dimension is, the first of several. */
  public final Tensor argmin(int axis) {
    return argmin(axis, false);
  }

  /** Where the smallest element along a dimension is, the first of several. */
  public final Tensor argmin(int axis, boolean keepDim) {
    return FoldOp.argExtreme(self(), false, axis, keepDim);
  }

  /** Whether some element is not 0. */
  public final Tensor any(int... axes) {
    return any(axes, false);
  }

  /** Whether some element is not 0. */
  public final Tensor any(int[] axes, boolean keepDim) {
    return FoldOp.test(self(), false, axes, keepDim);
  }

  /** Whether no element is 0. */
  public final Tensor all(int... axes) {
    return all(axes, false);
  }

  /** Whether no element is 0. */
  public final Tensor all(int[] axes, boolean keepDim) {
    return FoldOp.test(self(), true, axes, keepDim);
  }

  /** {@code log(sum(exp(x)))}, without overflow. */
  public final Tensor logsumexp(int... axes) {
    return logsumexp(axes, false);
  }

  /** {@code log(sum(exp(x)))}, without overflow. */
  public final Tensor logsumexp(int[] axes, boolean keepDim) {
    Tensor real = real();
    // The largest element is a constant here: its gradient cancels.
    Tensor shift = FoldOp.shift(FINITE_OR_ZERO, real, axes);
    Tensor sum = FoldOp.sum("logsumexp", SHIFTED_EXP, NONE, axes, keepDim, real, shift);
    Tensor shape = keepDim ? shift : shift.reshape(sum.shape().dims());
    Tensor y = sum.then(Tensor::log).then(log -> log.add(shape));
    shape.release();
    shift.release();
    return y;
  }

  /** See {@link ScaledDotProductAttentionOp#scaledDotProductAttention}; this is the query. */
  public final Tensor scaledDotProductAttention(Tensor key, Tensor value) {
    return scaledDotProductAttention(key, value, null, false, null, false);
  }

  /** See {@link ScaledDotProductAttentionOp#scaledDotProductAttention}; this is the query. */
  public final Tensor scaledDotProductAttention(
      Tensor key, Tensor value, Tensor mask, boolean causal, Double scale, boolean grouped) {
    return ScaledDotProductAttentionOp.scaledDotProductAttention(
        self(), key, value, mask, causal, scale, grouped);
  }

  /** {@code exp(x) / sum(exp(x))} along a dimension. */
  public final Tensor softmax(int axis) {
    return SoftmaxOp.softmax(self(), axis);
  }

  /** The logarithm of {@link #softmax}, exact where that is nearly 0. */
  public final Tensor logSoftmax(int axis) {
    return SoftmaxOp.logSoftmax(self(), axis);
  }

  private Tensor real() {
    return self().type().isReal() ? self() : self().to(DType.F32);
  }
}
