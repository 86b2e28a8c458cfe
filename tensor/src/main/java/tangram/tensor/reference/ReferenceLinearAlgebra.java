package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;

/** {@code C[b][i, j] = sum_p op(A[b])[i, p] op(B[b])[p, j]}. */
final class ReferenceLinearAlgebra implements LinearAlgebra {
  @Override
  public void linear(GemmShape shape, Buffer a, Buffer b, Buffer bias, Buffer c) {
    Reals from = Reals.of(bias);
    Reals to = Reals.of(c);
    for (int i = 0; i < shape.batch() * shape.m() * shape.n(); i++) {
      to.set(i, from.get(i % shape.n()));
    }
    gemm(shape, a, b, c, true);
  }

  @Override
  public void linearGradient(GemmShape shape, Buffer a, Buffer b, Buffer c, Buffer sums) {
    gemm(shape, a, b, c, false);
    Reals from = Reals.of(a);
    Reals to = Reals.of(sums);
    for (int i = 0; i < shape.m(); i++) {
      double sum = 0;
      for (int p = 0; p < shape.k(); p++) {
        sum += from.get(p * shape.m() + i);
      }
      to.set(i, sum);
    }
  }

  @Override
  public void gemm(GemmShape shape, Buffer aBuffer, Buffer bBuffer, Buffer cBuffer, boolean add) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    Reals a = Reals.of(aBuffer);
    Reals b = Reals.of(bBuffer);
    Reals c = Reals.of(cBuffer, shape.batch(), m, n);
    for (int batch = 0; batch < shape.batch(); batch++) {
      int aStart = batch * shape.strideA();
      int bStart = batch * shape.strideB();
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int p = 0; p < k; p++) {
            double aip = a.get(aStart + (shape.transA() ? p * m + i : i * k + p));
            double bpj = b.get(bStart + (shape.transB() ? j * k + p : p * n + j));
            sum += aip * bpj;
          }
          c.set(batch, i, j, add ? c.get(batch, i, j) + sum : sum);
        }
      }
    }
  }
}
