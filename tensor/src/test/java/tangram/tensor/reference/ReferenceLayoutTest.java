package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.WindowShape;

class ReferenceLayoutTest extends ReferenceKernelTest {
  private static final double[] ONE_TO_NINE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private final Layout layout = kernels.layout();

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
}
