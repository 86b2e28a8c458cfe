package tangram.nn;

import static tangram.tensor.op.NormOp.layerNorm;

import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Normalisation over the last dimensions to mean 0 and variance 1 (Ba et al. 2016). */
public final class LayerNorm extends Layer {
  /** What PyTorch adds to the variance. */
  public static final double EPS = 1e-5;

  private final Shape shape;
  private final double eps;
  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer with factors and summands. */
  public LayerNorm(Init init, int... shape) {
    this(init, Shape.of(shape), EPS, true, true);
  }

  /**
   * Creates the layer.
   *
   * @param shape the dimensions to normalise
   * @param eps added to the variance
   * @param weight whether factors are learned
   * @param bias whether summands are
   */
  public LayerNorm(Init init, Shape shape, double eps, boolean weight, boolean bias) {
    this.shape = shape;
    this.eps = eps;
    this.weight = weight ? parameter("weight", init.full(1, shape.dims())) : null;
    this.bias = bias ? parameter("bias", init.full(0, shape.dims())) : null;
  }

  /** Normalises [..., shape]. */
  @Override
  public Tensor forward(Tensor x) {
    return layerNorm(x, shape, weight, bias, eps);
  }
}
