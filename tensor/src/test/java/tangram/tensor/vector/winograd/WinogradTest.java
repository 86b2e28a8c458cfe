package tangram.tensor.vector.winograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.GemmKernel;

/** Winograd's algorithm by itself: all mappings to lanes, and the size of its errors. */
class WinogradTest {
  private static float[] gaussian(Random random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private static double at(ConvShape q, float[] x, int n, int c, int i, int j) {
    return i < 0 || i >= q.h() || j < 0 || j >= q.w()
        ? 0
        : x[((n * q.c() + c) * q.h() + i) * q.w() + j];
  }

  private static double output(ConvShape q, float[] x, float[] w, int n, int k, int i, int j) {
    double sum = 0;
    for (int c = 0; c < q.c(); c++) {
      for (int t = 0; t < 9; t++) {
        sum +=
            at(q, x, n, c, i + t / 3 - q.padding(), j + t % 3 - q.padding())
                * w[(k * q.c() + c) * 9 + t];
      }
    }
    return sum;
  }

  private static double weight(ConvShape q, float[] x, float[] gy, int k, int c, int t) {
    double sum = 0;
    for (int n = 0; n < q.n(); n++) {
      for (int i = 0; i < q.outH(); i++) {
        for (int j = 0; j < q.outW(); j++) {
          sum +=
              at(q, x, n, c, i + t / 3 - q.padding(), j + t % 3 - q.padding())
                  * gy[((n * q.k() + k) * q.outH() + i) * q.outW() + j];
        }
      }
    }
    return sum;
  }

  /** Checks a sample of the outputs and weight gradients where lanes are tiles. */
  private static void errors(ConvShape q, double meanLimit, double worstLimit) {
    WinogradTiles tiles = WinogradTiles.of(q.n(), q.outH(), q.outW());
    assertNotNull(tiles, "shape is not done by Winograd: " + q);
    errors(
        q,
        (x, w, y) ->
            new Winograd(tiles, q.c(), q.h(), q.w(), q.padding(), q.k())
                .run(x, 0, w, 0, 9 * q.c(), 9, false, null, 0, null, y, 0),
        (x, gy, gw) -> new WinogradWeightGradient(q, tiles).run(x, 0, gy, 0, gw, 0),
        meanLimit,
        worstLimit);
  }

  /** Checks a sample of the outputs and weight gradients where lanes are channels. */
  private static void channels(ConvShape q, double meanLimit, double worstLimit) {
    errors(
        q,
        (x, w, y) ->
            new WinogradChannels(q.n(), q.outH(), q.outW(), q.c(), q.h(), q.w(), q.padding(), q.k())
                .run(x, 0, w, 0, 9 * q.c(), 9, false, null, 0, null, y, 0),
        (x, gy, gw) -> new WinogradChannelsWeightGradient(q).run(x, 0, gy, 0, gw, 0),
        meanLimit,
        worstLimit);
  }

  /** A function of two arrays. */
  private interface Product {
    void run(float[] a, float[] b, float[] to);
  }

  private static void errors(
      ConvShape q, Product forward, Product weightGradient, double meanLimit, double worstLimit) {
    Random random = new Random(q.hashCode());
    float[] x = gaussian(random, q.inputSize());
    float[] w = gaussian(random, q.weightSize());
    float[] gy = gaussian(random, q.outputSize());
    float[] y = new float[q.outputSize()];
    float[] gw = new float[q.weightSize()];
    forward.run(x, w, y);
    weightGradient.run(x, gy, gw);
    double[] outputs = new double[3];
    double[] weights = new double[3];
    int samples = 1500;
    for (int s = 0; s < samples; s++) {
      int n = random.nextInt(q.n());
      int k = random.nextInt(q.k());
      int i = random.nextInt(q.outH());
      int j = random.nextInt(q.outW());
      int o = ((n * q.k() + k) * q.outH() + i) * q.outW() + j;
      add(outputs, output(q, x, w, n, k, i, j), y[o]);
      if (s < 60) {
        int c = random.nextInt(q.c());
        int t = random.nextInt(9);
        add(weights, weight(q, x, gy, k, c, t), gw[(k * q.c() + c) * 9 + t]);
      }
    }
    check("outputs of " + q, outputs, samples, meanLimit, worstLimit);
    check("weight gradient of " + q, weights, 60, meanLimit, worstLimit);
  }

  private static void add(double[] sums, double want, double got) {
    sums[0] += want * want;
    sums[1] += (want - got) * (want - got);
    sums[2] = Math.max(sums[2], Math.abs(want - got));
  }

  private static void check(String what, double[] sums, int count, double mean, double worst) {
    double size = Math.sqrt(sums[0] / count);
    assertTrue(
        Math.sqrt(sums[1] / count) <= mean * size,
        what + ": mean error " + Math.sqrt(sums[1] / count) / size);
    assertTrue(sums[2] <= worst * size, what + ": worst error " + sums[2] / size);
  }

  @Test
  void errorsAreSmall() {
    errors(new ConvShape(2, 16, 64, 64, 16, 3, 3, 1, 1), 2e-6, 1e-5);
    errors(new ConvShape(12, 64, 16, 16, 64, 3, 3, 1, 1), 2e-6, 1e-5);
    errors(new ConvShape(12, 256, 4, 4, 32, 3, 3, 1, 1), 3e-6, 2e-5);
    errors(new ConvShape(12, 384, 8, 8, 16, 3, 3, 1, 1), 3e-6, 2e-5);
  }

  @Test
  void errorsAreSmallWhereLanesAreChannels() {
    channels(new ConvShape(2, 64, 14, 14, 64, 3, 3, 1, 1), 2e-6, 1e-5);
    channels(new ConvShape(2, 256, 7, 7, 64, 3, 3, 1, 1), 3e-6, 2e-5);
    // More than one block of inputs, the last of them not full.
    channels(new ConvShape(1, 416, 9, 5, 96, 3, 3, 1, 1), 3e-6, 2e-5);
    // More than one pass.
    channels(new ConvShape(2, 384, 44, 44, 32, 3, 3, 1, 1), 3e-6, 2e-5);
    for (int padding = 0; padding <= 2; padding++) {
      channels(new ConvShape(3, 32, 11, 10, 64, 3, 3, 1, padding), 2e-6, 1e-5);
      channels(new ConvShape(1, 32, 3, 3, 32, 3, 3, 1, padding), 2e-6, 1e-5);
    }
  }

  @Test
  void channelsHaveTheBitsOfTiles() {
    ConvShape q = new ConvShape(12, 64, 8, 8, 32, 3, 3, 1, 1);
    Random random = new Random(5);
    float[] gy = gaussian(random, q.outputSize());
    float[] w = gaussian(random, q.weightSize());
    float[] want = new float[q.inputSize()];
    float[] got = new float[q.inputSize()];
    new Winograd(WinogradTiles.of(12, 8, 8), 32, 8, 8, 1, 64)
        .run(gy, 0, w, 0, 9, 9 * 64, true, null, 0, null, want, 0);
    new WinogradChannels(12, 8, 8, 32, 8, 8, 1, 64)
        .run(gy, 0, w, 0, 9, 9 * 64, true, null, 0, null, got, 0);
    assertArrayEquals(want, got);
  }

  @Test
  void tilesThatReachBeyondTheOutput() {
    for (int padding = 0; padding <= 2; padding++) {
      errors(new ConvShape(1, 3, 13, 62, 5, 3, 3, 1, padding), 2e-6, 1e-5);
      errors(new ConvShape(12, 3, 7, 9, 5, 3, 3, 1, padding), 2e-6, 1e-5);
      errors(new ConvShape(16, 2, 3, 3, 5, 3, 3, 1, padding), 2e-6, 1e-5);
      errors(new ConvShape(25, 2, 5, 4, 3, 3, 3, 1, padding), 2e-6, 1e-5);
    }
  }

  @Test
  void theMappingDependsOnTheShapeAlone() {
    assertTrue(!WinogradTiles.of(1, 128, 128).acrossImages);
    assertTrue(!WinogradTiles.of(64, 128, 128).acrossImages);
    assertTrue(WinogradTiles.of(12, 4, 4).acrossImages);
    if (GemmKernel.VL == 16) {
      assertEquals(null, WinogradTiles.of(7, 8, 8));
    }
  }

  @Test
  void kernelOfOnesOnAConstantPlane() {
    // A constant plane and a kernel of ones: every inner output is nine.
    ConvShape q = new ConvShape(1, 1, 64, 64, 1, 3, 3, 1, 1);
    float[] x = new float[q.inputSize()];
    float[] w = new float[9];
    java.util.Arrays.fill(x, 1f);
    java.util.Arrays.fill(w, 1f);
    float[] y = new float[q.outputSize()];
    float[] bias = {0.5f};
    new Winograd(WinogradTiles.of(1, 64, 64), 1, 64, 64, 1, 1)
        .run(x, 0, w, 0, 9, 9, false, bias, 0, null, y, 0);
    assertEquals(4.5f, y[0], 1e-4);
    assertEquals(6.5f, y[5], 1e-4);
    assertEquals(9.5f, y[5 * 64 + 5], 1e-4);
  }
}
