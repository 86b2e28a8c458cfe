package tangram.nn;

import static tangram.tensor.op.LinearOp.linear;

import tangram.tensor.Tensor;

/** Affine map of the last dimension, {@code y = x W^T + b}. */
public final class Linear extends Layer {
  /** The weights with which PyTorch's linear layers and convolutions begin. */
  static final Initializer WEIGHTS =
      Initializer.kaimingUniform(Initializer.gain("leaky_relu", Math.sqrt(5)), Initializer.Fan.IN);

  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer with a bias. */
  public Linear(Init init, int in, int out) {
    this(init, in, out, true);
  }

  /** Creates the layer: weight [out, in] and bias [out]. */
  public Linear(Init init, int in, int out, boolean bias) {
    this(init.weight(WEIGHTS, out, in), bias ? init.bias(Initializer.uniformByFan(in), out) : null);
  }

  /**
   * Creates the layer of parameters that exist, which another module may share.
   *
   * @param weight [out, in]
   * @param bias [out], or null
   */
  public Linear(Tensor weight, Tensor bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias == null ? null : parameter("bias", bias);
  }

  /** Maps [..., in] to [..., out]. */
  @Override
  public Tensor forward(Tensor x) {
    return linear(x, weight, bias);
  }
}
