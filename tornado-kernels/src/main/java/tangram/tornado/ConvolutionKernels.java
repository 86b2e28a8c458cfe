package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Convolution and the gradient of its input as matrix products of which one factor is never built:
 * its elements are gathered from the image while they are brought to local memory. Source: S.
 * Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014.
 *
 * <p>A group computes a tile of the result, 64 x 64, of which a thread keeps 4 x 4 elements in
 * registers. What an index of the reduction means is found by a few threads for all: they divide
 * while the others still multiply the strip before. (That and the multiplication would be methods
 * of their own, had TornadoVM not taken local memory that is handed over for an array of Java.)
 */
final class ConvolutionKernels {
  /** Side of a tile of the result. */
  static final int TILE = 64;

  /** Threads of a group in each of two directions. */
  static final int THREADS = 16;

  /** Steps of the reduction that are in local memory at a time. */
  static final int STRIP = 16;

  /**
   * Distance of the steps in local memory: more than a tile, so that threads that store to
   * consecutive steps do not all meet in one bank.
   */
  static final int PITCH = TILE + 4;

  private ConvolutionKernels() {}

  /**
   * y[image, k, i, j] = bias[k] + sum over c, r, q of w[k, c, r, q] x[image, c, i stride + r -
   * padding, j stride + q - padding]. Rows of the product are the channels k, columns the pixels of
   * all images, and the reduction goes over (c, r, q).
   *
   * <p>p: x, w, bias, y, whether there is a bias, output channels, columns, steps of the reduction,
   * kernel rows, kernel columns, h, w, outH outW, outW, stride, padding, size of an input image.
   *
   * <p>{@code steps}: how far the input of a step lies from the corner of a window; the row of the
   * kernel; the column.
   */
  static void convolution(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(3 * STRIP);
    float[] sum = new float[16];
    int x0 = p.get(0);
    int w0 = p.get(1);
    int rows = p.get(5);
    int cols = p.get(6);
    int reduction = p.get(7);
    int kernelCols = p.get(9);
    int kernelArea = p.get(8) * kernelCols;
    int h = p.get(10);
    int w = p.get(11);
    int outArea = p.get(12);
    int outW = p.get(13);
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    // The pixel whose inputs this thread brings, and where its window begins.
    int col = firstCol + thread % TILE;
    int image = col / outArea;
    int pixel = col % outArea;
    int top = pixel / outW * p.get(14) - p.get(15);
    int left = pixel % outW * p.get(14) - p.get(15);
    int corner = x0 + image * p.get(16) + top * w + left;
    for (int k0 = 0; k0 < reduction; k0 += STRIP) {
      if (thread < STRIP) {
        int step = k0 + thread;
        int r = step % kernelArea / kernelCols;
        int q = step % kernelCols;
        steps[thread] = (step / kernelArea * h + r) * w + q;
        steps[STRIP + thread] = r;
        steps[2 * STRIP + thread] = q;
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 256;
        int ai = e / STRIP;
        int ak = e % STRIP;
        float av = 0f;
        if (firstRow + ai < rows && k0 + ak < reduction) {
          av = x.get(w0 + (firstRow + ai) * reduction + k0 + ak);
        }
        aStrip[ak * PITCH + ai] = av;
        int bk = e / TILE;
        float bv = 0f;
        if (col < cols && k0 + bk < reduction) {
          int i = top + steps[STRIP + bk];
          int j = left + steps[2 * STRIP + bk];
          if (i >= 0 && i < h && j >= 0 && j < w) {
            bv = x.get(corner + steps[bk]);
          }
        }
        bStrip[bk * PITCH + thread % TILE] = bv;
      }
      c.localBarrier();
      for (int k = 0; k < STRIP; k++) {
        float v0 = aStrip[k * PITCH + ty * 4];
        float v1 = aStrip[k * PITCH + ty * 4 + 1];
        float v2 = aStrip[k * PITCH + ty * 4 + 2];
        float v3 = aStrip[k * PITCH + ty * 4 + 3];
        for (int j = 0; j < 4; j++) {
          float b = bStrip[k * PITCH + tx + THREADS * j];
          sum[j] += v0 * b;
          sum[4 + j] += v1 * b;
          sum[8 + j] += v2 * b;
          sum[12 + j] += v3 * b;
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      int row = firstRow + ty * 4 + i;
      float bias = 0f;
      if (p.get(4) == 1 && row < rows) {
        bias = x.get(p.get(2) + row);
      }
      for (int j = 0; j < 4; j++) {
        int to = firstCol + tx + THREADS * j;
        if (row < rows && to < cols) {
          int at = p.get(3) + (to / outArea * rows + row) * outArea + to % outArea;
          x.set(at, sum[i * 4 + j] + bias);
        }
      }
    }
  }

  /**
   * gx[image, c, i, j] = sum over k, r, q of w[k, c, r, q] gy[image, k, (i + padding - r) / stride,
   * (j + padding - q) / stride], where both divide exactly. Pixels of like remainders i % stride, j
   * % stride need the same r and q; every such phase (z of the grid) is a product of its own, so
   * nothing that does not divide is visited. In a phase with remainder f, i = f + stride a and r =
   * (f + padding) % stride + stride b give the output row (f + padding) / stride + a - b. Rows of
   * the product are the channels c, columns the phase's pixels of all images, and the reduction
   * goes over (k, b, d), d being to columns what b is to rows.
   *
   * <p>p: gy, w, gx, images, input channels, output channels, kernel rows, kernel columns, h, w,
   * outH, outW, stride, padding.
   *
   * <p>{@code steps}: how far the gradient of a step lies from that of b = d = 0; b; d; how far its
   * weight lies from the phase's first.
   */
  static void inputGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(4 * STRIP);
    float[] sum = new float[16];
    int w0 = p.get(1);
    int rows = p.get(4);
    int kernelRows = p.get(6);
    int kernelCols = p.get(7);
    int kernelArea = kernelRows * kernelCols;
    int h = p.get(8);
    int w = p.get(9);
    int outH = p.get(10);
    int outW = p.get(11);
    int stride = p.get(12);
    int rowPhase = c.groupIdz / stride;
    int colPhase = c.groupIdz % stride;
    int high = (h - rowPhase + stride - 1) / stride;
    int wide = (w - colPhase + stride - 1) / stride;
    int firstR = (rowPhase + p.get(13)) % stride;
    int firstQ = (colPhase + p.get(13)) % stride;
    int rCount = (kernelRows - firstR + stride - 1) / stride;
    int qCount = (kernelCols - firstQ + stride - 1) / stride;
    int cols = p.get(3) * high * wide;
    int reduction = p.get(5) * rCount * qCount;
    // A phase may be without pixels or without weights; its divisors must not be zero for that.
    int area = high * wide;
    if (area == 0) {
      area = 1;
      wide = 1;
    }
    if (reduction == 0) {
      rCount = 1;
      qCount = 1;
    }
    int phaseArea = rCount * qCount;
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    // The pixel for which this thread brings gradients, and the output of b = d = 0.
    int col = firstCol + thread % TILE;
    int outI = (rowPhase + p.get(13)) / stride + col % area / wide;
    int outJ = (colPhase + p.get(13)) / stride + col % area % wide;
    int corner = p.get(0) + (col / area * p.get(5) * outH + outI) * outW + outJ;
    int corner0 = w0 + firstR * kernelCols + firstQ;
    for (int k0 = 0; k0 < reduction; k0 += STRIP) {
      if (thread < STRIP) {
        int k = (k0 + thread) / phaseArea;
        int b = (k0 + thread) % phaseArea / qCount;
        int d = (k0 + thread) % qCount;
        steps[thread] = (k * outH - b) * outW - d;
        steps[STRIP + thread] = b;
        steps[2 * STRIP + thread] = d;
        steps[3 * STRIP + thread] = k * rows * kernelArea + stride * (b * kernelCols + d);
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int k = (thread + q * 256) / TILE;
        int slot = k * PITCH + thread % TILE;
        int row = firstRow + thread % TILE;
        float av = 0f;
        if (row < rows && k0 + k < reduction) {
          av = x.get(corner0 + row * kernelArea + steps[3 * STRIP + k]);
        }
        aStrip[slot] = av;
        float bv = 0f;
        if (col < cols && k0 + k < reduction) {
          int i = outI - steps[STRIP + k];
          int j = outJ - steps[2 * STRIP + k];
          if (i >= 0 && i < outH && j >= 0 && j < outW) {
            bv = x.get(corner + steps[k]);
          }
        }
        bStrip[slot] = bv;
      }
      c.localBarrier();
      for (int k = 0; k < STRIP; k++) {
        float v0 = aStrip[k * PITCH + ty * 4];
        float v1 = aStrip[k * PITCH + ty * 4 + 1];
        float v2 = aStrip[k * PITCH + ty * 4 + 2];
        float v3 = aStrip[k * PITCH + ty * 4 + 3];
        for (int j = 0; j < 4; j++) {
          float b = bStrip[k * PITCH + tx + THREADS * j];
          sum[j] += v0 * b;
          sum[4 + j] += v1 * b;
          sum[8 + j] += v2 * b;
          sum[12 + j] += v3 * b;
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int row = firstRow + ty * 4 + i;
        int to = firstCol + tx + THREADS * j;
        if (row < rows && to < cols) {
          int toI = rowPhase + stride * (to % area / wide);
          int toJ = colPhase + stride * (to % area % wide);
          int at = p.get(2) + ((to / area * rows + row) * h + toI) * w + toJ;
          x.set(at, sum[i * 4 + j]);
        }
      }
    }
  }
}
