package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Gradient of batch normalisation, with groups as in {@link BatchNormKernels}. With {@code h = (x -
 * mean) * invStd} and g the gradient that passes the ReLU: {@code gBeta = sum g}, {@code gGamma =
 * sum g h}, {@code gx = gamma * invStd * (g - gBeta / count - h * gGamma / count)}, {@code
 * gResidual = g}.
 *
 * <p>p of all kernels: x, y, gamma, mean, invStd, gy, gx, gResidual, gGamma, gBeta, whether there
 * was a ReLU, whether gResidual is asked for, elements of a channel, channels, hw, elements of a
 * slice, slices, scratch (sum g for each [channel, slice], and as many sums g h).
 */
final class BatchNormBackwardKernels {
  private BatchNormBackwardKernels() {}

  /** Sums of a slice, and its gx if it is the channel. */
  static void sums(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int x0 = p.get(0);
    int y0 = p.get(1);
    int gy0 = p.get(5);
    int relu = p.get(10);
    int channels = p.get(13);
    int hw = p.get(14);
    int slice = p.get(15);
    int parts = p.get(16);
    int channel = c.groupIdy;
    int to = Slices.end(c.groupIdx, slice, p.get(12));
    float mean = x.get(p.get(3) + channel);
    float sum = 0f;
    float product = 0f;
    for (int e = c.groupIdx * slice + c.localIdx; e < to; e += Slices.THREADS) {
      int at = Slices.position(e, channel, channels, hw);
      float g = gradient(x, gy0 + at, y0 + at, relu);
      sum += g;
      product += g * (x.get(x0 + at) - mean);
    }
    float allSum = Trees.sum(c, sum);
    float allProduct = Trees.sum(c, product) * x.get(p.get(4) + channel);
    if (parts == 1) {
      apply(c, x, p, allSum, allProduct);
    } else if (c.localIdx == 0) {
      int at = p.get(17) + channel * parts + c.groupIdx;
      x.set(at, allSum);
      x.set(at + channels * parts, allProduct);
    }
  }

  /** Joins the sums of slices and writes gx of a slice. */
  static void join(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int parts = p.get(16);
    int sums0 = p.get(17) + c.groupIdy * parts;
    int products0 = sums0 + p.get(13) * parts;
    float sum = 0f;
    float product = 0f;
    for (int i = c.localIdx; i < parts; i += Slices.THREADS) {
      sum += x.get(sums0 + i);
      product += x.get(products0 + i);
    }
    float allSum = Trees.sum(c, sum);
    float allProduct = Trees.sum(c, product);
    apply(c, x, p, allSum, allProduct);
  }

  private static float gradient(FloatArray x, int gy, int y, int relu) {
    float g = x.get(gy);
    if (relu == 1) {
      if (x.get(y) <= 0f) {
        g = 0f;
      }
    }
    return g;
  }

  /** gx and gResidual of a slice; the first group of a channel also writes gGamma and gBeta. */
  private static void apply(KernelContext c, FloatArray x, IntArray p, float sum, float product) {
    int x0 = p.get(0);
    int y0 = p.get(1);
    int gy0 = p.get(5);
    int gx0 = p.get(6);
    int gResidual0 = p.get(7);
    int relu = p.get(10);
    int hasResidual = p.get(11);
    int elements = p.get(12);
    int channels = p.get(13);
    int hw = p.get(14);
    int channel = c.groupIdy;
    int to = Slices.end(c.groupIdx, p.get(15), elements);
    float mean = x.get(p.get(3) + channel);
    float invStd = x.get(p.get(4) + channel);
    float scale = x.get(p.get(2) + channel) * invStd;
    float shift = sum / elements;
    float slope = invStd * product / elements;
    for (int e = c.groupIdx * p.get(15) + c.localIdx; e < to; e += Slices.THREADS) {
      int at = Slices.position(e, channel, channels, hw);
      float g = gradient(x, gy0 + at, y0 + at, relu);
      x.set(gx0 + at, scale * (g - shift - slope * (x.get(x0 + at) - mean)));
      if (hasResidual == 1) {
        x.set(gResidual0 + at, g);
      }
    }
    if (c.groupIdx == 0 && c.localIdx == 0) {
      x.set(p.get(8) + channel, product);
      x.set(p.get(9) + channel, sum);
    }
  }
}
