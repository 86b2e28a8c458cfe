package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;
import tangram.tensor.op.LinearOp;

/** Products of matrices. */
final class Products {
  private Products() {}

  static void register(Operators table) {
    table.one("MatMul", Products::matmul);
    table.one("Gemm", Products::gemm);
    table.one("Einsum", Products::einsum);
  }

  private static OnnxTensor matmul(Call c) {
    if (c.type(0).isInteger()) {
      return product(c, c.in(0), c.in(1), c.type(0));
    }
    Tensor[] x = c.together(c.real(0), c.real(1));
    return c.like(0, x[0].matmul(x[1]));
  }

  /**
   * A product of whole numbers on the host, exact but for overflow, which keeps the lowest bits.
   */
  static OnnxTensor product(Call c, OnnxTensor a, OnnxTensor b, ElementType type) {
    Tensor x = a.tensor().to(c.host());
    Tensor y = b.tensor().to(c.host());
    boolean row = x.shape().rank() == 1;
    boolean column = y.shape().rank() == 1;
    x = row ? x.unsqueeze(0) : x;
    y = column ? y.unsqueeze(1) : y;
    int m = x.dim(-2);
    int k = x.dim(-1);
    int n = y.dim(-1);
    if (y.dim(-2) != k) {
      throw new IllegalArgumentException(
          "shapes " + a.tensor().shape() + " and " + b.tensor().shape() + " do not agree");
    }
    int[] batch = batch(x, y);
    long[] left = expanded(x, batch, m, k);
    long[] right = expanded(y, batch, k, n);
    int batches = Moves.size(batch, 0, batch.length);
    long[] result = new long[batches * m * n];
    for (int s = 0; s < batches; s++) {
      for (int i = 0; i < m; i++) {
        for (int l = 0; l < k; l++) {
          long factor = left[(s * m + i) * k + l];
          for (int j = 0; j < n; j++) {
            result[(s * m + i) * n + j] += factor * right[(s * k + l) * n + j];
          }
        }
      }
    }
    for (int i = 0; i < result.length; i++) {
      result[i] = type.wrap(result[i]);
    }
    int[] dims = Arrays.copyOf(batch, batch.length + (row ? 0 : 1) + (column ? 0 : 1));
    if (!row) {
      dims[batch.length] = m;
    }
    if (!column) {
      dims[dims.length - 1] = n;
    }
    return c.result(type, result, dims);
  }

  private static int[] batch(Tensor x, Tensor y) {
    int rank = Math.max(x.shape().rank(), y.shape().rank()) - 2;
    int[] batch = new int[rank];
    for (int d = 1; d <= rank; d++) {
      int a = d <= x.shape().rank() - 2 ? x.dim(-2 - d) : 1;
      int b = d <= y.shape().rank() - 2 ? y.dim(-2 - d) : 1;
      batch[rank - d] = a == 1 ? b : a;
    }
    return batch;
  }

  private static long[] expanded(Tensor x, int[] batch, int rows, int columns) {
    int[] dims = Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = rows;
    dims[batch.length + 1] = columns;
    return x.expand(dims).toLongs();
  }

  private static OnnxTensor gemm(Call c) {
    Tensor[] x = c.together(c.real(0), c.real(1), c.real(2));
    double alpha = c.attr("alpha", 1.0);
    double beta = c.attr("beta", 1.0);
    boolean bias = x[2] == null || (beta == 1 && Arrays.equals(x[2].shape().dims(), n(x[1])));
    if (!c.flag("transA") && c.flag("transB") && alpha == 1 && bias && x[1].size() > 0) {
      // What layers are exported as.
      return c.like(0, LinearOp.linear(x[0], x[1], x[2]));
    }
    Tensor a = c.flag("transA") ? x[0].t() : x[0];
    Tensor y = a.mm(c.flag("transB") ? x[1].t() : x[1]);
    y = alpha == 1 ? y : y.mul(alpha);
    if (x[2] != null && beta != 0) {
      y = y.add(beta == 1 ? x[2] : x[2].mul(beta));
    }
    return c.like(0, y);
  }

  /** The shape of a bias beside transposed weights. */
  private static int[] n(Tensor weights) {
    return new int[] {weights.dim(0)};
  }

  private static OnnxTensor einsum(Call c) {
    Tensor[] x = new Tensor[c.count()];
    Arrays.setAll(x, c::real);
    return c.like(0, Tensor.einsum(c.attr("equation", "").replace(" ", ""), c.together(x)));
  }
}
