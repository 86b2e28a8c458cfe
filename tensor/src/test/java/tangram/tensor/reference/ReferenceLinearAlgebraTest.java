package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.GemmShape;

class ReferenceLinearAlgebraTest extends ReferenceKernelTest {
  private static final double[] A = {1, 2, 3, 4, 5, 6}; // 3x2
  private static final double[] A_TRANSPOSED = {1, 3, 5, 2, 4, 6};
  private static final double[] B = {7, 8, 9, 10, 11, 12}; // 2x3
  private static final double[] B_TRANSPOSED = {7, 10, 8, 11, 9, 12};
  private static final double[] C = {27, 30, 33, 61, 68, 75, 95, 106, 117};

  private Tensor gemm(GemmShape shape, double[] a, double[] b, Tensor c, boolean accumulate) {
    kernels
        .linearAlgebra()
        .gemm(shape, reals(a).buffer(), reals(b).buffer(), c.buffer(), accumulate);
    return c;
  }

  @Test
  void product() {
    assertReals(gemm(GemmShape.of(false, false, 3, 3, 2), A, B, out(9), false), C);
    assertReals(gemm(GemmShape.of(true, false, 3, 3, 2), A_TRANSPOSED, B, out(9), false), C);
    assertReals(gemm(GemmShape.of(false, true, 3, 3, 2), A, B_TRANSPOSED, out(9), false), C);
    assertReals(
        gemm(GemmShape.of(true, true, 3, 3, 2), A_TRANSPOSED, B_TRANSPOSED, out(9), false), C);
  }

  @Test
  void accumulates() {
    Tensor c = reals(1000, 2000);
    // [1 2] [7 8; 9 10] = [25 28]
    GemmShape shape = GemmShape.of(false, false, 1, 2, 2);
    assertReals(gemm(shape, new double[] {1, 2}, new double[] {7, 8, 9, 10}, c, true), 1025, 2028);
  }

  /** A steps over a gap of one element, one B serves both. */
  @Test
  void batch() {
    GemmShape shape = new GemmShape(2, false, false, 1, 1, 2, 3, 0);
    double[] a = {1, 2, -99, 3, 4};
    assertReals(gemm(shape, a, new double[] {10, 100}, out(2), false), 210, 430);
  }
}
