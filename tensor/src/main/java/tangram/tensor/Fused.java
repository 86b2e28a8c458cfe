package tangram.tensor;

import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.MapOp;

/**
 * A formula of one's own as one operation: a single pass over the elements, on every device, with
 * its derivative.
 *
 * <pre>{@code
 * static final Fused SWISH = Fused.of((x, beta) -> x.mul(x.mul(beta).sigmoid()));
 *
 * Tensor y = SWISH.apply(x, beta);
 * }</pre>
 *
 * <p>The device {@code vector} makes a loop for it at once, not only when it has seen many elements
 * of it. Keep a {@code Fused} in a static field: each is analysed and compiled by itself.
 */
public final class Fused {
  private static final double[] NONE = {};

  private final Formula formula;

  private Fused(Formula formula) {
    this.formula = formula.hot();
  }

  /** A formula of one array. */
  public static Fused of(Function<Expr, Expr> f) {
    return new Fused(Formula.of(f));
  }

  /** A formula of two arrays. */
  public static Fused of(BinaryOperator<Expr> f) {
    return new Fused(Formula.of(f));
  }

  /** A formula of a number of arrays. */
  public static Fused of(int arrays, Function<Expr[], Expr> f) {
    return new Fused(Formula.of(arrays, f));
  }

  /** A formula of a number of arrays and of numbers that are told at each call. */
  public static Fused of(int arrays, int numbers, BiFunction<Expr[], Expr[], Expr> f) {
    return new Fused(Formula.of(arrays, numbers, f));
  }

  /**
   * Computes the formula for every element of arrays, which are broadcast as in NumPy.
   *
   * @return of the type in which the arrays meet; gradients follow
   * @throws IllegalArgumentException if there are not as many arrays as the formula has, or their
   *     shapes do not broadcast
   */
  public Tensor apply(Tensor... x) {
    return apply(NONE, x);
  }

  /** As the other, with the formula's numbers. */
  public Tensor apply(double[] numbers, Tensor... x) {
    check(numbers, x);
    return MapOp.map("fused", formula, numbers, x);
  }

  /**
   * Sums the formula along dimensions in one pass, without an array of its values.
   *
   * @param axes dimensions to fold, negative ones from the end; none folds all
   * @param keepDim whether folded dimensions stay, with one element
   */
  public Tensor sum(int[] axes, boolean keepDim, Tensor... x) {
    return sum(NONE, axes, keepDim, x);
  }

  /** As the other, with the formula's numbers. */
  public Tensor sum(double[] numbers, int[] axes, boolean keepDim, Tensor... x) {
    check(numbers, x);
    return FoldOp.sum("fused sum", formula, numbers, axes, keepDim, x);
  }

  private void check(double[] numbers, Tensor[] x) {
    int parameters = formula.program().parameters();
    if (x.length != formula.inputs() || numbers.length < parameters) {
      throw new IllegalArgumentException(
          "a fused formula of %d arrays and %d numbers was given %d arrays and %d numbers"
              .formatted(formula.inputs(), parameters, x.length, numbers.length));
    }
  }
}
