package tangram.nn;

import static tangram.tensor.op.NormOp.rmsNorm;

import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Division by the root of the mean square over the last dimensions (Zhang and Sennrich 2019). */
public final class RMSNorm extends Layer {
  private final Shape shape;
  private final double eps;
  private final Tensor weight;

  /** Creates the layer with factors. */
  public RMSNorm(Init init, double eps, int... shape) {
    this.shape = Shape.of(shape);
    this.eps = eps;
    this.weight = parameter("weight", init.full(1, shape));
  }

  /** Normalises [..., shape]. */
  @Override
  public Tensor forward(Tensor x) {
    return rmsNorm(x, shape, weight, eps);
  }
}
