package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;

/**
 * Two tokens of four features of which one is used. Queries 2 and 0 (halved by the root of four),
 * keys ln 3 and 0, values 4 and 8: the first token attends with 3/4 and 1/4, the second with 1/2
 * and 1/2.
 */
class ReferenceAttentionTest extends ReferenceKernelTest {
  private static final double LN3 = Math.log(3);
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double[] QUERY = {2, 0, 0, 0, 0, 0, 0, 0};
  private static final double[] KEY = {LN3, 0, 0, 0, 0, 0, 0, 0};
  private static final double[] VALUE = {4, 0, 0, 0, 8, 0, 0, 0};

  private static View view(Tensor x, int rows, int cols) {
    return View.dense(DType.F32, x.buffer(), rows, cols);
  }

  private static AttentionOperands operands(Tensor bias, Tensor mask, boolean causal) {
    return new AttentionOperands(
        view(reals(QUERY), 2, 4),
        view(reals(KEY), 2, 4),
        view(reals(VALUE), 2, 4),
        bias == null ? null : view(bias, 2, 2),
        mask == null ? null : view(mask, 2, 2),
        causal,
        0.5);
  }

  private void assertAttends(
      Tensor bias, Tensor mask, boolean causal, double first, double second, double... sums) {
    Tensor y = out(8);
    Tensor logs = out(2);
    kernels.attention().attention(operands(bias, mask, causal), view(y, 2, 4), logs.buffer());
    assertReals(y, first, 0, 0, 0, second, 0, 0, 0);
    assertReals(logs, sums);
  }

  @Test
  void forward() {
    assertAttends(null, null, false, 5, 6, Math.log(4), Math.log(2));
    assertAttends(null, null, true, 4, 6, LN3, Math.log(2));
  }

  /** The bias cancels the first score and raises the last to 1 : 3; the mask hides a token. */
  @Test
  void biasAndMask() {
    assertAttends(reals(-LN3, 0, 0, LN3), null, false, 6, 7, Math.log(2), Math.log(4));
    assertAttends(null, reals(-INF, 0, 0, -INF), false, 8, 4, 0, 0);
    assertAttends(null, reals(-INF, -INF, 0, -INF), false, 0, 4, INF, 0);
  }

  /**
   * With gy = 1 for token 0: gp = v = (4, 8), p . gp = 5, gs = p (gp - 5) = (-3/4, 3/4); gq = sum
   * gs k / 2 = -3/8 ln 3, gk = gs q / 2 = (-3/4, 3/4), gv = p = (3/4, 1/4).
   */
  @Test
  void backward() {
    Tensor gq = out(8);
    Tensor gk = out(8);
    Tensor gv = out(8);
    Tensor gBias = out(4);
    kernels
        .attention()
        .attentionBackward(
            operands(null, null, false),
            view(reals(5, 0, 0, 0, 6, 0, 0, 0), 2, 4),
            reals(Math.log(4), Math.log(2)).buffer(),
            view(reals(1, 0, 0, 0, 0, 0, 0, 0), 2, 4),
            view(gq, 2, 4),
            view(gk, 2, 4),
            view(gv, 2, 4),
            view(gBias, 2, 2));
    assertReals(gBias, -0.75, 0.75, 0, 0);
    assertReals(gq, -0.375 * LN3, 0, 0, 0, 0, 0, 0, 0);
    assertReals(gk, -0.75, 0, 0, 0, 0.75, 0, 0, 0);
    assertReals(gv, 0.75, 0, 0, 0, 0.25, 0, 0, 0);
  }
}
