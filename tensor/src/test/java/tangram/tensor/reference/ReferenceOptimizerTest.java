package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;

class ReferenceOptimizerTest extends ReferenceKernelTest {
  /** g + 0.1 w = 0.6; v = 0.9 * 0.2 + 0.6 = 0.78; w = 1 - 0.1 * 0.78. */
  @Test
  void sgd() {
    Tensor w = reals(1);
    Tensor g = reals(0.5);
    Tensor v = reals(0.2);
    kernels.optimizer().sgd(w.buffer(), g.buffer(), v.buffer(), reals(0.1).buffer(), 0.9, 0.1);
    assertReals(w, 0.922);
    assertReals(v, 0.78);
    assertReals(g, 0.5);
  }
}
