package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Batch normalisation, forward. Group (i, j) has slice i of channel j; see {@link Slices}. Where a
 * channel is one slice, the first kernel does all; else it leaves the statistics of slices in
 * scratch memory and the second one joins them: every group for itself, all to the same result.
 *
 * <p>Squared deviations are taken from a slice's own mean and then moved to the channel's, which is
 * as good as two passes over the channel. Source: T. F. Chan, G. H. Golub and R. J. LeVeque,
 * "Algorithms for computing the sample variance", The American Statistician 37, 1983.
 *
 * <p>p of the kernels for training: x, residual, gamma, beta, running mean, running variance, mean,
 * invStd, y, whether there is a residual, a ReLU, elements of a channel, channels, hw, elements of
 * a slice, slices, scratch (a mean for each [channel, slice], and as many sums of squares); s:
 * momentum, eps.
 */
final class BatchNormKernels {
  private BatchNormKernels() {}

  /** Statistics of a slice, and its map if it is the channel. */
  static void statistics(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int x0 = p.get(0);
    int channels = p.get(12);
    int hw = p.get(13);
    int slice = p.get(14);
    int parts = p.get(15);
    int channel = c.groupIdy;
    int from = c.groupIdx * slice;
    int to = Slices.end(c.groupIdx, slice, p.get(11));
    // The sum of differences is small, and so is its rounding error.
    float first = x.get(x0 + Slices.position(from, channel, channels, hw));
    float sum = 0f;
    for (int e = from + c.localIdx; e < to; e += Slices.THREADS) {
      sum += x.get(x0 + Slices.position(e, channel, channels, hw)) - first;
    }
    float mean = first + Trees.sum(c, sum) / (to - from);
    float square = 0f;
    for (int e = from + c.localIdx; e < to; e += Slices.THREADS) {
      float d = x.get(x0 + Slices.position(e, channel, channels, hw)) - mean;
      square += d * d;
    }
    float squares = Trees.sum(c, square);
    if (parts == 1) {
      apply(c, x, p, s, mean, squares);
    } else if (c.localIdx == 0) {
      int at = p.get(16) + channel * parts + c.groupIdx;
      x.set(at, mean);
      x.set(at + channels * parts, squares);
    }
  }

  /** Joins the statistics of slices and maps a slice. */
  static void join(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int elements = p.get(11);
    int slice = p.get(14);
    int parts = p.get(15);
    int means0 = p.get(16) + c.groupIdy * parts;
    int squares0 = means0 + p.get(12) * parts;
    int t = c.localIdx;
    float first = x.get(means0);
    float sum = 0f;
    for (int i = t; i < parts; i += Slices.THREADS) {
      int size = Slices.end(i, slice, elements) - i * slice;
      sum += size * (x.get(means0 + i) - first);
    }
    float mean = first + Trees.sum(c, sum) / elements;
    float squares = 0f;
    for (int i = t; i < parts; i += Slices.THREADS) {
      int size = Slices.end(i, slice, elements) - i * slice;
      float d = x.get(means0 + i) - mean;
      squares += x.get(squares0 + i) + size * d * d;
    }
    float allSquares = Trees.sum(c, squares);
    apply(c, x, p, s, mean, allSquares);
  }

  /** Maps a slice; the first group of a channel also writes its statistics. */
  private static void apply(
      KernelContext c, FloatArray x, IntArray p, FloatArray s, float mean, float squares) {
    int x0 = p.get(0);
    int residual0 = p.get(1);
    int y0 = p.get(8);
    int hasResidual = p.get(9);
    int relu = p.get(10);
    int elements = p.get(11);
    int channels = p.get(12);
    int hw = p.get(13);
    int channel = c.groupIdy;
    int from = c.groupIdx * p.get(14);
    int to = Slices.end(c.groupIdx, p.get(14), elements);
    float invStd = 1f / TornadoMath.sqrt(squares / elements + s.get(1));
    float scale = x.get(p.get(2) + channel) * invStd;
    float shift = x.get(p.get(3) + channel);
    for (int e = from + c.localIdx; e < to; e += Slices.THREADS) {
      int at = Slices.position(e, channel, channels, hw);
      float v = scale * (x.get(x0 + at) - mean) + shift;
      if (hasResidual == 1) {
        v += x.get(residual0 + at);
      }
      if (relu == 1) {
        v = FormulaKernels.rectified(v);
      }
      x.set(y0 + at, v);
    }
    if (c.groupIdx == 0 && c.localIdx == 0) {
      float unbiased = squares;
      if (elements > 1) {
        unbiased = squares / (elements - 1);
      }
      float momentum = s.get(0);
      int runningMean = p.get(4) + channel;
      int runningVar = p.get(5) + channel;
      x.set(p.get(6) + channel, mean);
      x.set(p.get(7) + channel, invStd);
      x.set(runningMean, (1f - momentum) * x.get(runningMean) + momentum * mean);
      x.set(runningVar, (1f - momentum) * x.get(runningVar) + momentum * unbiased);
    }
  }

  /**
   * The map with given statistics; one thread for each element.
   *
   * <p>p: x, residual, gamma, beta, mean, variance, y, whether there is a residual, a ReLU,
   * channels, hw, length; s: eps.
   */
  static void inference(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(11)) {
      int channel = i / p.get(10) % p.get(9);
      float invStd = 1f / TornadoMath.sqrt(x.get(p.get(5) + channel) + s.get(0));
      float scale = x.get(p.get(2) + channel) * invStd;
      float v =
          scale * (x.get(p.get(0) + i) - x.get(p.get(4) + channel)) + x.get(p.get(3) + channel);
      if (p.get(7) == 1) {
        v += x.get(p.get(1) + i);
      }
      if (p.get(8) == 1) {
        v = FormulaKernels.rectified(v);
      }
      x.set(p.get(6) + i, v);
    }
  }
}
