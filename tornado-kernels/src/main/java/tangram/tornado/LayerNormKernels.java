package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Layer normalisation of rows, which {@link Lanes} share, and its gradient. */
final class LayerNormKernels {
  private LayerNormKernels() {}

  /**
   * {@code y = gamma * (x - mean) * invStd + beta}, with squared deviations from the mean.
   *
   * <p>p: rows, cols, 1, lanes, x, gamma, beta, mean, invStd, y; s: eps.
   */
  static void layerNorm(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int rows = p.get(0);
    int cols = p.get(1);
    int lanes = p.get(3);
    int gamma0 = p.get(5);
    int beta0 = p.get(6);
    int lane = Lanes.lane(c.localIdx, 1, lanes);
    int slot = Lanes.slot(c.localIdx, 1, lanes);
    int row = c.groupIdx * (Lanes.THREADS / lanes) + slot;
    int x0 = p.get(4) + row * cols;
    int y0 = p.get(9) + row * cols;
    float first = 0f;
    float sum = 0f;
    if (row < rows) {
      // The sum of differences is small, and so is its rounding error.
      first = x.get(x0);
      for (int j = lane; j < cols; j += lanes) {
        sum += x.get(x0 + j) - first;
      }
    }
    float mean = first + Lanes.total(c, lane, slot, lanes, sum) / cols;
    float square = 0f;
    if (row < rows) {
      for (int j = lane; j < cols; j += lanes) {
        float d = x.get(x0 + j) - mean;
        square += d * d;
      }
    }
    float variance = Lanes.total(c, lane, slot, lanes, square) / cols;
    float invStd = 1f / TornadoMath.sqrt(variance + s.get(0));
    if (row < rows) {
      for (int j = lane; j < cols; j += lanes) {
        float h = (x.get(x0 + j) - mean) * invStd;
        x.set(y0 + j, x.get(gamma0 + j) * h + x.get(beta0 + j));
      }
      if (lane == 0) {
        x.set(p.get(7) + row, mean);
        x.set(p.get(8) + row, invStd);
      }
    }
  }

  /**
   * With {@code h = (x - mean) * invStd} and {@code g = gamma * gy}: {@code gx = invStd * (g -
   * mean(g) - h * mean(g h))} along the row.
   *
   * <p>p: rows, cols, 1, lanes, x, gamma, mean, invStd, gy, gx.
   */
  static void inputGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int rows = p.get(0);
    int cols = p.get(1);
    int lanes = p.get(3);
    int gamma0 = p.get(5);
    int lane = Lanes.lane(c.localIdx, 1, lanes);
    int slot = Lanes.slot(c.localIdx, 1, lanes);
    int row = c.groupIdx * (Lanes.THREADS / lanes) + slot;
    int x0 = p.get(4) + row * cols;
    int gy0 = p.get(8) + row * cols;
    int gx0 = p.get(9) + row * cols;
    float mean = 0f;
    float invStd = 0f;
    float sum = 0f;
    float product = 0f;
    if (row < rows) {
      mean = x.get(p.get(6) + row);
      invStd = x.get(p.get(7) + row);
      for (int j = lane; j < cols; j += lanes) {
        float g = x.get(gamma0 + j) * x.get(gy0 + j);
        sum += g;
        product += g * ((x.get(x0 + j) - mean) * invStd);
      }
    }
    float meanG = Lanes.total(c, lane, slot, lanes, sum) / cols;
    float meanGh = Lanes.total(c, lane, slot, lanes, product) / cols;
    if (row < rows) {
      for (int j = lane; j < cols; j += lanes) {
        float g = x.get(gamma0 + j) * x.get(gy0 + j);
        float h = (x.get(x0 + j) - mean) * invStd;
        x.set(gx0 + j, invStd * (g - meanG - h * meanGh));
      }
    }
  }

  /**
   * {@code gGamma = sum gy h} and {@code gBeta = sum gy} over a slice of rows, with threads as in
   * {@link ReductionKernels#sumRows}.
   *
   * <p>p: x, mean, invStd, gy, gGamma, gBeta, rows, cols, rows of a slice, distance of rows, of the
   * results of slices.
   */
  static void parameterGradients(
      KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] products = c.allocateFloatLocalArray(ReductionKernels.COLS * ReductionKernels.LANES);
    float[] terms = c.allocateFloatLocalArray(ReductionKernels.COLS * ReductionKernels.LANES);
    int mean0 = p.get(1);
    int invStd0 = p.get(2);
    int cols = p.get(7);
    int distance = p.get(9);
    int lane = c.localIdy;
    int part = c.groupIdy;
    int col = c.globalIdx;
    int x0 = p.get(0) + col;
    int gy0 = p.get(3) + col;
    int to = Slices.end(part, p.get(8), p.get(6));
    float product = 0f;
    float sum = 0f;
    if (col < cols) {
      for (int row = part * p.get(8) + lane; row < to; row += ReductionKernels.LANES) {
        float h = (x.get(x0 + row * distance) - x.get(mean0 + row)) * x.get(invStd0 + row);
        float g = x.get(gy0 + row * distance);
        product += g * h;
        sum += g;
      }
    }
    products[lane * ReductionKernels.COLS + c.localIdx] = product;
    terms[lane * ReductionKernels.COLS + c.localIdx] = sum;
    c.localBarrier();
    if (lane == 0 && col < cols) {
      float allProducts = 0f;
      float all = 0f;
      for (int i = 0; i < ReductionKernels.LANES; i++) {
        allProducts += products[i * ReductionKernels.COLS + c.localIdx];
        all += terms[i * ReductionKernels.COLS + c.localIdx];
      }
      int at = part * p.get(10) + col;
      x.set(p.get(4) + at, allProducts);
      x.set(p.get(5) + at, all);
    }
  }
}
