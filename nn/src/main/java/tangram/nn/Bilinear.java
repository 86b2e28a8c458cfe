package tangram.nn;

import static tangram.tensor.op.LinearOp.linear;

import tangram.tensor.Tensor;

/** A bilinear form of two inputs, {@code y_k = a^T W_k b + c_k}. */
public final class Bilinear extends Module {
  private final Tensor weight;
  private final Tensor bias;

  /** Creates the layer: weight [out, in1, in2] and, if wanted, bias [out]. */
  public Bilinear(Init init, int in1, int in2, int out, boolean bias) {
    Initializer own = Initializer.uniformByFan(in1);
    weight = parameter("weight", init.weight(own, out, in1, in2));
    this.bias = bias ? parameter("bias", init.bias(own, out)) : null;
  }

  /** Maps [..., in1] and [..., in2] to [..., out]. */
  public Tensor forward(Tensor a, Tensor b) {
    int out = weight.dim(0);
    int in1 = weight.dim(1);
    int in2 = weight.dim(2);
    if (a.dim(-1) != in1 || b.dim(-1) != in2) {
      throw new IllegalArgumentException(
          "inputs %s and %s for a bilinear layer of %d and %d"
              .formatted(a.shape(), b.shape(), in1, in2));
    }
    int[] dims = a.shape().dims();
    int rows = a.size() / in1;
    // One product with all forms, [rows, out, in2], then a product for each row.
    Tensor left =
        linear(a.reshape(rows, in1), weight.permute(0, 2, 1).reshape(out * in2, in1), null);
    dims[dims.length - 1] = out;
    Tensor y = left.reshape(rows, out, in2).matmul(b.reshape(rows, in2, 1)).reshape(dims);
    return bias == null ? y : y.add(bias);
  }
}
