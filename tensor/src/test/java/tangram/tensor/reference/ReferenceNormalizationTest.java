package tangram.tensor.reference;

import org.junit.jupiter.api.Test;
import tangram.tensor.Tensor;

/** The row 1, 3, 5, 7 has mean 4 and biased variance 5; eps = 4 makes the deviation 3. */
class ReferenceNormalizationTest extends ReferenceKernelTest {
  /** Two samples of two channels of two pixels; the second channel is constant. */
  private static final double[] X = {1, 3, 2, 2, 5, 7, 2, 2};

  @Test
  void batchNorm() {
    Tensor runningMean = reals(0, 1);
    Tensor runningVar = reals(1, 1);
    Tensor mean = out(2);
    Tensor invStd = out(2);
    Tensor y = out(8);
    batchNorm(null, runningMean, runningVar, false, mean, invStd, y);
    assertReals(mean, 4, 2);
    assertReals(invStd, 1.0 / 3, 0.5);
    assertReals(y, -2, 0, 9, 9, 2, 4, 9, 9);
    // The unbiased variance is 20 / 3.
    assertReals(runningMean, 0.4, 1.1);
    assertReals(runningVar, 0.9 + 2.0 / 3, 0.9);
  }

  @Test
  void batchNormWithResidualAndRelu() {
    Tensor y = out(8);
    Tensor residual = reals(1, 1, -10, 0, -3, 1, 0, 1);
    batchNorm(residual, reals(0, 0), reals(1, 1), true, out(2), out(2), y);
    assertReals(y, 0, 1, 0, 9, 0, 5, 9, 10);
  }

  private void batchNorm(
      Tensor residual,
      Tensor runningMean,
      Tensor runningVar,
      boolean relu,
      Tensor mean,
      Tensor invStd,
      Tensor y) {
    kernels
        .normalization()
        .batchNorm(
            2,
            2,
            2,
            reals(X).buffer(),
            residual == null ? null : residual.buffer(),
            reals(3, 5).buffer(),
            reals(1, 9).buffer(),
            runningMean.buffer(),
            runningVar.buffer(),
            0.1,
            4,
            relu,
            mean.buffer(),
            invStd.buffer(),
            y.buffer());
  }

  /** The normalised row is h = -1, -1/3, 1/3, 1; sums over it are worked out in the comments. */
  @Test
  void batchNormBackward() {
    Tensor gx = out(4);
    Tensor gGamma = out(1);
    Tensor gBeta = out(1);
    // g = 1, 0, 0, 0: mean 1/4, mean of g h -1/4; gx = g - 1/4 + h / 4.
    batchNormBackward(reals(1, 0, 0, 0), false, null, gx, gGamma, gBeta);
    assertReals(gBeta, 1);
    assertReals(gGamma, -1);
    assertReals(gx, 0.5, -1.0 / 3, -1.0 / 6, 0);
    // The ReLU lets only the last two pass: g = 0, 0, 3, 0 with mean 3/4, mean of g h 1/4.
    Tensor gResidual = out(4);
    batchNormBackward(reals(7, 5, 3, 0), true, gResidual, gx, gGamma, gBeta);
    assertReals(gResidual, 0, 0, 3, 0);
    assertReals(gBeta, 3);
    assertReals(gGamma, 1);
    assertReals(gx, -0.5, -0.75 + 1.0 / 12, 3 - 0.75 - 1.0 / 12, -1);
  }

  private void batchNormBackward(
      Tensor gy, boolean relu, Tensor gResidual, Tensor gx, Tensor gGamma, Tensor gBeta) {
    kernels
        .normalization()
        .batchNormBackward(
            2,
            1,
            2,
            reals(1, 3, 5, 7).buffer(),
            reals(0, 0, 1, 2).buffer(),
            reals(3).buffer(),
            reals(4).buffer(),
            reals(1.0 / 3).buffer(),
            relu,
            gy.buffer(),
            gx.buffer(),
            gResidual == null ? null : gResidual.buffer(),
            gGamma.buffer(),
            gBeta.buffer());
  }

  /** 4 (2 - 1) / 2 - 5 = -3 and 4 (7 - 1) / 2 - 5 = 7. */
  @Test
  void batchNormInference() {
    Tensor y = out(2);
    inference(null, false, y);
    assertReals(y, -3, 7);
    inference(reals(1, 2), false, y);
    assertReals(y, -2, 9);
    inference(reals(1, 2), true, y);
    assertReals(y, 0, 9);
  }

  private void inference(Tensor residual, boolean relu, Tensor y) {
    kernels
        .normalization()
        .batchNormInference(
            1,
            1,
            2,
            reals(2, 7).buffer(),
            residual == null ? null : residual.buffer(),
            reals(4).buffer(),
            reals(-5).buffer(),
            reals(1).buffer(),
            reals(3).buffer(),
            1,
            relu,
            y.buffer());
  }

  @Test
  void layerNorm() {
    Tensor mean = out(2);
    Tensor invStd = out(2);
    Tensor y = out(8);
    kernels
        .normalization()
        .layerNorm(
            2,
            4,
            reals(1, 3, 5, 7, 6, 6, 6, 6).buffer(),
            reals(3, 3, 6, 6).buffer(),
            reals(1, 1, 1, 2).buffer(),
            4,
            mean.buffer(),
            invStd.buffer(),
            y.buffer());
    assertReals(mean, 4, 6);
    assertReals(invStd, 1.0 / 3, 0.5);
    assertReals(y, -2, 0, 3, 8, 1, 1, 1, 2);
  }

  /** The first row is that of {@link #batchNormBackward}; the second adds to the sums alone. */
  @Test
  void layerNormBackward() {
    Tensor gx = out(8);
    Tensor gGamma = out(4);
    Tensor gBeta = out(4);
    kernels
        .normalization()
        .layerNormBackward(
            2,
            4,
            reals(1, 3, 5, 7, 1, 3, 5, 7).buffer(),
            reals(3, 3, 3, 3).buffer(),
            reals(4, 4).buffer(),
            reals(1.0 / 3, 1.0 / 3).buffer(),
            reals(1, 0, 0, 0, 1, 1, 1, 1).buffer(),
            gx.buffer(),
            gGamma.buffer(),
            gBeta.buffer());
    assertReals(gx, 0.5, -1.0 / 3, -1.0 / 6, 0, 0, 0, 0, 0);
    assertReals(gGamma, -2, -1.0 / 3, 1.0 / 3, 1);
    assertReals(gBeta, 2, 1, 1, 1);
  }

  @Test
  void normalize() {
    Tensor norm = out(2);
    Tensor y = out(4);
    // Two pixels of two channels: (3, 4) and (0, 0).
    kernels
        .normalization()
        .normalize(1, 2, 2, reals(3, 0, 4, 0).buffer(), 0.1, norm.buffer(), y.buffer());
    assertReals(norm, 5, 0.1);
    assertReals(y, 0.6, 0, 0.8, 0);
  }

  /** gx = (gy - y (y . gy)) / |x| with y = (0.6, 0.8) and gy = (1, 0): (0.64, -0.48) / 5. */
  @Test
  void normalizeBackward() {
    Tensor gx = out(2);
    kernels
        .normalization()
        .normalizeBackward(
            1,
            2,
            1,
            reals(0.6, 0.8).buffer(),
            reals(5).buffer(),
            reals(1, 0).buffer(),
            gx.buffer());
    assertReals(gx, 0.128, -0.096);
  }
}
