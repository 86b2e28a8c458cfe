package tangram.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Elementwise;

class ReferenceElementwiseTest extends ReferenceKernelTest {
  private final Elementwise elementwise = kernels.elementwise();

  @Test
  void fillAndCopy() {
    Tensor y = out(2);
    elementwise.fill(y.buffer(), 1.5);
    assertReals(y, 1.5, 1.5);
    elementwise.copy(reals(3, -4).buffer(), y.buffer());
    assertReals(y, 3, -4);
    Tensor integers = outInts(2);
    elementwise.copyInts(ints(Integer.MAX_VALUE, -1).buffer(), integers.buffer());
    assertInts(integers, Integer.MAX_VALUE, -1);
  }

  @Test
  void arithmetic() {
    Tensor y = out(2);
    elementwise.add(reals(1, 2).buffer(), reals(10, 20).buffer(), y.buffer());
    assertReals(y, 11, 22);
    elementwise.add(y.buffer(), y.buffer(), y.buffer());
    assertReals(y, 22, 44);
    elementwise.scale(reals(1, 2).buffer(), reals(-3).buffer(), y.buffer());
    assertReals(y, -3, -6);
    elementwise.lerp(reals(0, 10).buffer(), reals(10, 20).buffer(), 0.4, y.buffer());
    assertReals(y, 4, 14);
    elementwise.multiply(reals(1, 2).buffer(), 0.5, y.buffer());
    assertReals(y, 0.5, 1);
  }

  @Test
  void relu() {
    Tensor y = out(3);
    elementwise.relu(reals(-1, 0, 2).buffer(), y.buffer());
    assertReals(y, 0, 0, 2);
    Tensor gx = out(3);
    elementwise.reluBackward(y.buffer(), reals(5, 6, 7).buffer(), gx.buffer());
    assertReals(gx, 0, 0, 7);
  }

  /** Phi(1) = 0.8413447460685429, phi(1) = 0.24197072451914337. */
  @Test
  void gelu() {
    Tensor y = out(3);
    elementwise.gelu(reals(0, 1, -1).buffer(), y.buffer());
    assertReals(y, 0, 0.8413447460685429, -0.15865525393145707);
    Tensor gx = out(3);
    elementwise.geluBackward(reals(0, 1, -1).buffer(), reals(1, 1, 10).buffer(), gx.buffer());
    assertReals(gx, 0.5, 1.0833154705876863, -0.8331547058768631);
  }

  /** From tables of the error function; the tails to their own relative accuracy. */
  @Test
  void normalDistribution() {
    assertEquals(0.5204998778130465, NormalDistribution.erf(0.5), 1e-15);
    assertEquals(-0.8427007929497149, NormalDistribution.erf(-1), 1e-15);
    assertEquals(0.9953222650189527, NormalDistribution.erf(2), 1e-15);
    assertEquals(0.004677734981047266, NormalDistribution.erfc(2), 1e-17);
    assertEquals(1.5374597944280349e-12, NormalDistribution.erfc(5), 1e-26);
    assertEquals(2.0884875837625446e-45, NormalDistribution.erfc(10), 1e-58);
    // The two expansions meet at 2.
    double below = NormalDistribution.erfc(Math.nextDown(2.0));
    assertEquals(NormalDistribution.erfc(2), below, 1e-15);
    assertEquals(0.3989422804014327, NormalDistribution.pdf(0), 1e-16);
    assertEquals(0.975, NormalDistribution.cdf(1.959963984540054), 1e-15);
  }

  @Test
  void rows() {
    Tensor y = out(6);
    elementwise.broadcastRows(2, 3, reals(1, 2, 3).buffer(), y.buffer());
    assertReals(y, 1, 2, 3, 1, 2, 3);
    Tensor scaled = out(6);
    elementwise.scaleRows(2, 3, y.buffer(), reals(10, 0).buffer(), scaled.buffer());
    assertReals(scaled, 10, 20, 30, 0, 0, 0);
  }
}
