package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.AttentionShape;

/**
 * One window of two tokens, one head of four features of which one is used. Queries 2 and 0 (halved
 * by the root of four), keys ln 3 and 0, values 4 and 8: the first token attends with 3/4 and 1/4,
 * the second with 1/2 and 1/2.
 */
class ReferenceAttentionTest extends ReferenceKernelTest {
  private static final AttentionShape SHAPE = new AttentionShape(1, 1, 2, 1, 4);
  private static final double LN3 = Math.log(3);
  private static final double[] QKV = {
    2,
    0,
    0,
    0,
    LN3,
    0,
    0,
    0,
    4,
    0,
    0,
    0, // token 0: q, k, v
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    8,
    0,
    0,
    0 // token 1
  };

  private void attend(Tensor bias, Tensor mask, Tensor p, Tensor y) {
    kernels
        .attention()
        .windowAttention(
            SHAPE,
            reals(QKV).buffer(),
            bias.buffer(),
            mask == null ? null : mask.buffer(),
            p.buffer(),
            y.buffer());
  }

  @Test
  void forward() {
    Tensor p = out(4);
    Tensor y = out(8);
    attend(reals(0, 0, 0, 0), null, p, y);
    assertReals(p, 0.75, 0.25, 0.5, 0.5);
    assertReals(y, 5, 0, 0, 0, 6, 0, 0, 0);
  }

  /** The bias cancels the first score and raises the last to 1 : 3; the mask hides a token. */
  @Test
  void biasAndMask() {
    Tensor p = out(4);
    Tensor y = out(8);
    attend(reals(-LN3, 0, 0, LN3), null, p, y);
    assertReals(p, 0.5, 0.5, 0.25, 0.75);
    assertReals(y, 6, 0, 0, 0, 7, 0, 0, 0);
    attend(reals(0, 0, 0, 0), reals(-100, 0, 0, -100), p, y);
    assertReals(p, 0, 1, 1, 0);
    assertReals(y, 8, 0, 0, 0, 4, 0, 0, 0);
  }

  /**
   * With gOut = 1 for token 0: gp = v = (4, 8), p . gp = 5, gs = p (gp - 5) = (-3/4, 3/4); gq = sum
   * gs k / 2 = -3/8 ln 3, gk = gs q / 2 = (-3/4, 3/4), gv = p = (3/4, 1/4).
   */
  @Test
  void backward() {
    Tensor gQkv = out(24);
    Tensor gBias = out(4);
    kernels
        .attention()
        .windowAttentionBackward(
            SHAPE,
            reals(QKV).buffer(),
            reals(0.75, 0.25, 0.5, 0.5).buffer(),
            reals(1, 0, 0, 0, 0, 0, 0, 0).buffer(),
            gQkv.buffer(),
            gBias.buffer());
    assertReals(gBias, -0.75, 0.75, 0, 0);
    double gq = -0.375 * LN3;
    assertReals(
        gQkv, gq, 0, 0, 0, -0.75, 0, 0, 0, 0.75, 0, 0, 0, 0, 0, 0, 0, 0.75, 0, 0, 0, 0.25, 0, 0, 0);
  }
}
