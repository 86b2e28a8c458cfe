package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;

class ReferenceLayoutTest extends ReferenceKernelTest {
  private static final double[] ONE_TO_NINE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private final Layout layout = kernels.layout();

  @Test
  void upsample() {
    Tensor y = out(12);
    layout.upsampleNearest2x(1, 1, 3, reals(1, 2, 3).buffer(), y.buffer());
    assertReals(y, 1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3);
    Tensor gx = out(3);
    Tensor gy = reals(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    layout.upsampleNearest2xBackward(1, 1, 3, gy.buffer(), gx.buffer());
    assertReals(gx, 1 + 2 + 7 + 8, 3 + 4 + 9 + 10, 5 + 6 + 11 + 12);
  }

  /** Four centres over two pixels lie at -1/4, 1/4, 3/4, 5/4. */
  @Test
  void resizeBilinear() {
    Tensor y = out(4);
    layout.resizeBilinear(1, 1, 2, 1, 4, reals(0, 8).buffer(), y.buffer());
    assertReals(y, 0, 2, 6, 8);
    Tensor gx = out(2);
    layout.resizeBilinearBackward(1, 1, 2, 1, 4, reals(1, 10, 100, 1000).buffer(), gx.buffer());
    assertReals(gx, 1 + 7.5 + 25, 2.5 + 75 + 1000);
    // Two centres over four rows lie at 1/2 and 5/2.
    Tensor rows = out(2);
    layout.resizeBilinear(1, 4, 1, 2, 1, reals(1, 2, 3, 6).buffer(), rows.buffer());
    assertReals(rows, 1.5, 4.5);
    // Halving takes the mean of pairs; rows and columns alike.
    Tensor half = out(1);
    layout.resizeBilinear(1, 2, 2, 1, 1, reals(1, 2, 3, 6).buffer(), half.buffer());
    assertReals(half, 3);
  }

  /** The 3x3 map is padded to 4x4 and rolled by one, which puts 5 at the top left. */
  @Test
  void windows() {
    WindowShape shape = new WindowShape(1, 3, 3, 1, 2, 1);
    Tensor y = out(16);
    layout.windowPartition(shape, reals(ONE_TO_NINE).buffer(), y.buffer());
    assertReals(y, 5, 6, 8, 9, 0, 4, 0, 7, 0, 0, 2, 3, 0, 0, 0, 1);
    Tensor back = out(9);
    layout.windowReverse(shape, y.buffer(), back.buffer());
    assertReals(back, ONE_TO_NINE);
  }

  /** Two rows fit a window of two and are not rolled; four columns are. */
  @Test
  void anAxisOfOneWindowIsNotShifted() {
    Tensor y = out(8);
    layout.windowPartition(
        new WindowShape(1, 2, 4, 1, 2, 1), reals(1, 2, 3, 4, 5, 6, 7, 8).buffer(), y.buffer());
    assertReals(y, 2, 3, 6, 7, 4, 1, 8, 5);
  }

  @Test
  void maxPool() {
    PoolShape shape = new PoolShape(1, 3, 3, 3, 2, 1);
    Tensor y = out(4);
    Tensor index = outInts(4);
    // All negative: padding would win if it counted as 0. The 3s at 1 and 4 tie.
    layout.maxPool2d(
        shape, reals(-9, -3, -8, -7, -3, -6, -5, -4, -2).buffer(), y.buffer(), index.buffer());
    assertReals(y, -3, -3, -3, -2);
    assertInts(index, 1, 1, 4, 8);
    Tensor gx = out(9);
    layout.maxPool2dBackward(shape, reals(1, 2, 3, 4).buffer(), index.buffer(), gx.buffer());
    assertReals(gx, 0, 3, 0, 0, 3, 0, 0, 0, 4);
  }
}
