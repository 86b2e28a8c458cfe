package tangram.nn;

import static tangram.tensor.op.LinearOp.linear;

import tangram.tensor.Tensor;

/** Affine map of the last dimension; weights truncated normal with deviation 0.02, bias 0. */
public final class Linear extends Module {
  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer. */
  public Linear(Init init, int in, int out, boolean withBias) {
    this.weight = parameter("weight", init.truncatedNormal(0.02, out, in));
    this.bias = withBias ? parameter("bias", init.full(0, out)) : null;
  }

  /** Maps [..., in] to [..., out]. */
  public Tensor forward(Tensor x) {
    return linear(x, weight, bias);
  }
}
