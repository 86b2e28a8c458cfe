package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Reduction;

class ReferenceReductionTest extends ReferenceKernelTest {
  private final Reduction reduction = kernels.reduction();

  /** e^0 : e^(ln 3) is 1 : 3; a shift of all logits changes nothing. */
  @Test
  void softmax() {
    Tensor y = out(4);
    // Two pixels of two classes.
    reduction.softmax(1, 2, 2, reals(0, 1000, Math.log(3), 1000).buffer(), y.buffer());
    assertReals(y, 0.25, 0.5, 0.75, 0.5);
  }

  /** y (gy - y . gy) with y = (1/4, 3/4), gy = (1, 0). */
  @Test
  void softmaxBackward() {
    Tensor gx = out(2);
    reduction.softmaxBackward(
        1, 2, 1, reals(0.25, 0.75).buffer(), reals(1, 0).buffer(), gx.buffer());
    assertReals(gx, 0.1875, -0.1875);
  }
}
