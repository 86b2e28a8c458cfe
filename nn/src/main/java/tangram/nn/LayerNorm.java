package tangram.nn;

import static tangram.tensor.op.NormOp.layerNorm;

import tangram.tensor.Tensor;

/** Layer normalisation over the last dimension with PyTorch's eps 1e-5. */
public final class LayerNorm extends Module {
  private static final double EPS = 1e-5;

  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer for a number of channels. */
  public LayerNorm(Init init, int channels) {
    this.weight = parameter("weight", init.full(1, channels));
    this.bias = parameter("bias", init.full(0, channels));
  }

  /** Normalises the rows of [..., C]. */
  public Tensor forward(Tensor x) {
    return layerNorm(x, weight.shape(), weight, bias, EPS);
  }
}
