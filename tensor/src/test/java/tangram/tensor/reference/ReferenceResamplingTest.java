package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.ResizeOptions;

class ReferenceResamplingTest extends ReferenceKernelTest {
  private final Device device = new ReferenceDevice();

  @Test
  void upsample() {
    Tensor x = device.tensor(new double[] {1, 2, 3}, 1, 1, 1, 3).requireGrad();
    Tensor y = ResizeOp.upsampleNearest2x(x);
    assertReals(y, 1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3);
    y.backward(device.arange(1, 13, 1).reshape(1, 1, 2, 6));
    assertReals(x.grad(), 1 + 2 + 7 + 8, 3 + 4 + 9 + 10, 5 + 6 + 11 + 12);
  }

  /** Four centres over two pixels lie at -1/4, 1/4, 3/4, 5/4. */
  @Test
  void resizeBilinear() {
    Tensor x = device.tensor(new double[] {0, 8}, 1, 2).requireGrad();
    Tensor y = ResizeOp.resize(x, new int[] {4}, null, ResizeOptions.LINEAR);
    assertReals(y, 0, 2, 6, 8);
    y.backward(device.tensor(new double[] {1, 10, 100, 1000}, 1, 4));
    assertReals(x.grad(), 1 + 7.5 + 25, 2.5 + 75 + 1000);
    // Two centres over four rows lie at 1/2 and 5/2.
    Tensor rows = device.tensor(new double[] {1, 2, 3, 6}, 1, 1, 4, 1);
    assertReals(ResizeOp.bilinear(rows, 2, 1), 1.5, 4.5);
    // Halving takes the mean of pairs; rows and columns alike.
    assertReals(ResizeOp.bilinear(rows.reshape(1, 1, 2, 2), 1, 1), 3);
  }

  @Test
  void maxPool() {
    PoolShape shape = new PoolShape(1, 3, 3, 3, 2, 1);
    Tensor y = out(4);
    Tensor index = outInts(4);
    ReferenceResampling kernels = new ReferenceResampling();
    // All negative: padding would win if it counted as 0. The 3s at 1 and 4 tie.
    kernels.maxPool(
        shape, reals(-9, -3, -8, -7, -3, -6, -5, -4, -2).buffer(), y.buffer(), index.buffer());
    assertReals(y, -3, -3, -3, -2);
    assertInts(index, 1, 1, 4, 8);
    Tensor gx = out(9);
    kernels.maxPoolBackward(shape, reals(1, 2, 3, 4).buffer(), index.buffer(), gx.buffer());
    assertReals(gx, 0, 3, 0, 0, 3, 0, 0, 0, 4);
  }
}
