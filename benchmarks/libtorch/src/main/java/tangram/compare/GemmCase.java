package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.GemmShape;

/** A matrix product. A transposed operand is, for libtorch, a transposed view. */
final class GemmCase implements Case {
  private static final double TOLERANCE = 1e-5;

  private final GemmShape shape;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;
  private final PtNDArray theirA;
  private final PtNDArray theirB;

  GemmCase(Device device, Libtorch libtorch, GemmShape shape) {
    this.shape = shape;
    float[] valuesA = Numbers.gaussian(shape.m() * shape.k(), 1);
    float[] valuesB = Numbers.gaussian(shape.k() * shape.n(), 2);
    a = device.tensor(valuesA, valuesA.length);
    b = device.tensor(valuesB, valuesB.length);
    c = device.empty(shape.m(), shape.n());
    theirA = matrix(libtorch, valuesA, shape.transA(), shape.m(), shape.k());
    theirB = matrix(libtorch, valuesB, shape.transB(), shape.k(), shape.n());
  }

  private static PtNDArray matrix(
      Libtorch libtorch, float[] values, boolean transposed, int rows, int columns) {
    return transposed
        ? libtorch.array(values, columns, rows).transpose()
        : libtorch.array(values, rows, columns);
  }

  @Override
  public void ours() {
    a.device().kernels().linearAlgebra().gemm(shape, a.buffer(), b.buffer(), c.buffer(), false);
  }

  @Override
  public void theirs() {
    JniUtils.matmul(theirA, theirB).close();
  }

  @Override
  public void check() {
    ours();
    try (PtNDArray theirC = JniUtils.matmul(theirA, theirB)) {
      Agreement.check("the product " + shape, c.toFloats(), theirC.toFloatArray(), TOLERANCE);
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
    theirA.close();
    theirB.close();
  }
}
