package tangram.nn;

import java.util.List;
import java.util.Map;
import tangram.tensor.Autograd;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/** What is done to gradients between the backward pass and the optimiser's step. */
public final class Gradients {
  private static final double EPS = 1e-6;

  /** Gradient, norm of all; the largest norm. */
  private static final Formula SHRUNK =
      Formula.of(2, 1, (x, p) -> x[0].mul(Expr.of(1).minimum(p[0].div(x[1].add(EPS)))));

  private static final Formula CLAMPED =
      Formula.of(1, 1, (x, p) -> x[0].minimum(p[0]).maximum(p[0].neg()));

  private Gradients() {}

  private static List<Tensor> of(Map<String, Tensor> parameters) {
    return parameters.values().stream().map(Tensor::grad).filter(g -> g != null).toList();
  }

  /**
   * Scales the gradients of parameters together so that their norm, as one vector, is at most a
   * number; PyTorch's {@code clip_grad_norm_}. Pascanu et al. 2013.
   *
   * @return the norm before, a single number; a NaN or infinite one spoils all gradients
   */
  public static Tensor clipNorm(Map<String, Tensor> parameters, double maxNorm) {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException(
          "the norm of gradients is cut to more than 0, not to " + maxNorm);
    }
    List<Tensor> gradients = of(parameters);
    if (gradients.isEmpty()) {
      throw new IllegalStateException("no parameter has a gradient: call backward() first");
    }
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor[] squares = gradients.stream().map(g -> g.square().sum()).toArray(Tensor[]::new);
      Tensor norm = Tensor.stack(0, squares).sum().sqrt();
      for (Tensor gradient : gradients) {
        MapOp.into(gradient, SHRUNK, new double[] {maxNorm}, gradient, norm);
      }
      return scope.keep(norm);
    }
  }

  /** Cuts every element of the gradients to -most ... most; PyTorch's {@code clip_grad_value_}. */
  public static void clipValue(Map<String, Tensor> parameters, double most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException("gradients are cut to more than 0, not to " + most);
    }
    for (Tensor gradient : of(parameters)) {
      MapOp.into(gradient, CLAMPED, new double[] {most}, gradient);
    }
  }
}
