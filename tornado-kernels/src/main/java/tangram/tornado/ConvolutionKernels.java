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
   * y[image, k, z, i, j] = bias[k] + sum over c, a, r, q of w[k, c, a, r, q] x[image, c, ...]. Rows
   * of the product are the channels k of a group (z of the grid), columns the positions of all
   * images, and the reduction goes over (c, a, r, q).
   *
   * <p>p: x, w, bias, y, whether there is a bias, output channels of a group, columns, steps of the
   * reduction; then, each for depth, rows and columns, from 8 kernel, from 11 size of the input,
   * from 14 that of the output, from 17 stride, from 20 padding, from 23 dilation; 26 input
   * channels of a group, 27 groups, 28 steps of a part of the sum, 29 distance of the parts'
   * results. z of the grid is (part, group).
   *
   * <p>{@code steps}: how far the input of a step lies from the corner of a window; and along
   * depth, rows and columns.
   */
  static void convolution(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(4 * STRIP);
    float[] sum = new float[16];
    int group = c.groupIdz % p.get(27);
    int part = c.groupIdz / p.get(27);
    int rows = p.get(5);
    int cols = p.get(6);
    int reduction = p.get(7);
    int begin = part * p.get(28);
    int end = begin + p.get(28);
    if (end > reduction) {
      end = reduction;
    }
    int w0 = p.get(1) + group * rows * reduction;
    int kernelCols = p.get(10);
    int kernelArea = p.get(9) * kernelCols;
    int kernelVolume = p.get(8) * kernelArea;
    int depth = p.get(11);
    int h = p.get(12);
    int w = p.get(13);
    int outArea = p.get(15) * p.get(16);
    int outVolume = p.get(14) * outArea;
    int outW = p.get(16);
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    // The position whose inputs this thread brings, and where its window begins.
    int col = firstCol + thread % TILE;
    int image = col / outVolume;
    int position = col % outVolume;
    int front = position / outArea * p.get(17) - p.get(20);
    int top = position % outArea / outW * p.get(18) - p.get(21);
    int left = position % outW * p.get(19) - p.get(22);
    int channel = (image * p.get(27) + group) * p.get(26);
    int corner = p.get(0) + ((channel * depth + front) * h + top) * w + left;
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      if (thread < STRIP) {
        int step = k0 + thread;
        int a = step % kernelVolume / kernelArea * p.get(23);
        int r = step % kernelArea / kernelCols * p.get(24);
        int q = step % kernelCols * p.get(25);
        steps[thread] = ((step / kernelVolume * depth + a) * h + r) * w + q;
        steps[STRIP + thread] = r;
        steps[2 * STRIP + thread] = q;
        steps[3 * STRIP + thread] = a;
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 256;
        int ai = e / STRIP;
        int ak = e % STRIP;
        float av = 0f;
        if (firstRow + ai < rows && k0 + ak < end) {
          av = x.get(w0 + (firstRow + ai) * reduction + k0 + ak);
        }
        aStrip[ak * PITCH + ai] = av;
        int bk = e / TILE;
        float bv = 0f;
        if (col < cols && k0 + bk < end) {
          int z = front + steps[3 * STRIP + bk];
          int i = top + steps[STRIP + bk];
          int j = left + steps[2 * STRIP + bk];
          if (z >= 0 && z < depth && i >= 0 && i < h && j >= 0 && j < w) {
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
      if (p.get(4) == 1 && part == 0 && row < rows) {
        bias = x.get(p.get(2) + group * rows + row);
      }
      for (int j = 0; j < 4; j++) {
        int to = firstCol + tx + THREADS * j;
        if (row < rows && to < cols) {
          int plane = (to / outVolume * p.get(27) + group) * rows + row;
          x.set(
              p.get(3) + part * p.get(29) + plane * outVolume + to % outVolume,
              sum[i * 4 + j] + bias);
        }
      }
    }
  }

  /**
   * gx[image, c, ...] = sum over k, a, r, q of w[k, c, a, r, q] gy[image, k, ...], with output row
   * (i + padding - r dilation) / stride where that divides exactly, and likewise along depth and
   * columns. Positions of like remainders by the strides need the same taps; every such phase (z of
   * the grid, with the groups) is a product of its own, so nothing that does not divide is visited.
   * In a phase the taps are {@code first + step b}, and the output row of tap b for the a-th input
   * row is {@code base + a - back b}. Rows of the product are the channels c of a group, columns
   * the phase's positions of all images, and the reduction goes over (k, b of each dimension).
   *
   * <p>p: gy, w, gx, images, input channels of a group, output channels of a group, groups, free;
   * then as of {@link #convolution} from 8 to 25; 26 steps of a part of the sum, 27 distance of the
   * parts' results. z of the grid is (part, group, phase).
   *
   * <p>{@code steps}: how far the gradient of a step lies from that of the first taps; b along rows
   * and columns times what it goes back; how far its weight lies from the phase's first; along
   * depth.
   */
  static void inputGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(5 * STRIP);
    float[] sum = new float[16];
    int rows = p.get(4);
    int kernelCols = p.get(10);
    int kernelArea = p.get(9) * kernelCols;
    int kernelVolume = p.get(8) * kernelArea;
    int h = p.get(12);
    int w = p.get(13);
    int outD = p.get(14);
    int outH = p.get(15);
    int outW = p.get(16);
    int strideD = p.get(17);
    int strideH = p.get(18);
    int strideW = p.get(19);
    int phases = strideD * strideH * strideW;
    int group = c.groupIdz / phases % p.get(6);
    int part = c.groupIdz / phases / p.get(6);
    int depthPhase = c.groupIdz % phases / (strideH * strideW);
    int rowPhase = c.groupIdz % (strideH * strideW) / strideW;
    int colPhase = c.groupIdz % strideW;
    int deep = (p.get(11) - depthPhase + strideD - 1) / strideD;
    int high = (h - rowPhase + strideH - 1) / strideH;
    int wide = (w - colPhase + strideW - 1) / strideW;
    int stepA = tapStep(strideD, p.get(23));
    int stepR = tapStep(strideH, p.get(24));
    int stepQ = tapStep(strideW, p.get(25));
    int backA = stepA * p.get(23) / strideD;
    int backR = stepR * p.get(24) / strideH;
    int backQ = stepQ * p.get(25) / strideW;
    int firstA = firstTap(depthPhase + p.get(20), strideD, p.get(23), stepA, p.get(8));
    int firstR = firstTap(rowPhase + p.get(21), strideH, p.get(24), stepR, p.get(9));
    int firstQ = firstTap(colPhase + p.get(22), strideW, p.get(25), stepQ, kernelCols);
    int aCount = (p.get(8) - firstA + stepA - 1) / stepA;
    int rCount = (p.get(9) - firstR + stepR - 1) / stepR;
    int qCount = (kernelCols - firstQ + stepQ - 1) / stepQ;
    int volume = deep * high * wide;
    int cols = p.get(3) * volume;
    int reduction = p.get(5) * aCount * rCount * qCount;
    int begin = part * p.get(26);
    int end = begin + p.get(26);
    if (end > reduction) {
      end = reduction;
    }
    // A phase may be without positions or without weights; its divisors must not be zero for that.
    if (volume == 0) {
      volume = 1;
      high = 1;
      wide = 1;
    }
    if (reduction == 0) {
      aCount = 1;
      rCount = 1;
      qCount = 1;
    }
    int area = high * wide;
    int phaseArea = rCount * qCount;
    int phaseVolume = aCount * phaseArea;
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    // The position for which this thread brings gradients, and the output of its first taps.
    int col = firstCol + thread % TILE;
    int outZ = (depthPhase + p.get(20) - firstA * p.get(23)) / strideD + col % volume / area;
    int outI = (rowPhase + p.get(21) - firstR * p.get(24)) / strideH + col % area / wide;
    int outJ = (colPhase + p.get(22) - firstQ * p.get(25)) / strideW + col % wide;
    int channel = (col / volume * p.get(6) + group) * p.get(5);
    int corner = p.get(0) + ((channel * outD + outZ) * outH + outI) * outW + outJ;
    int corner0 =
        p.get(1)
            + group * p.get(5) * rows * kernelVolume
            + (firstA * p.get(9) + firstR) * kernelCols
            + firstQ;
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      if (thread < STRIP) {
        int k = (k0 + thread) / phaseVolume;
        int a = (k0 + thread) % phaseVolume / phaseArea;
        int b = (k0 + thread) % phaseArea / qCount;
        int d = (k0 + thread) % qCount;
        steps[thread] = ((k * outD - a * backA) * outH - b * backR) * outW - d * backQ;
        steps[STRIP + thread] = b * backR;
        steps[2 * STRIP + thread] = d * backQ;
        int tap = (a * stepA * p.get(9) + b * stepR) * kernelCols + d * stepQ;
        steps[3 * STRIP + thread] = k * rows * kernelVolume + tap;
        steps[4 * STRIP + thread] = a * backA;
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int k = (thread + q * 256) / TILE;
        int slot = k * PITCH + thread % TILE;
        int row = firstRow + thread % TILE;
        float av = 0f;
        if (row < rows && k0 + k < end) {
          av = x.get(corner0 + row * kernelVolume + steps[3 * STRIP + k]);
        }
        aStrip[slot] = av;
        float bv = 0f;
        if (col < cols && k0 + k < end) {
          int z = outZ - steps[4 * STRIP + k];
          int i = outI - steps[STRIP + k];
          int j = outJ - steps[2 * STRIP + k];
          if (z >= 0 && z < outD && i >= 0 && i < outH && j >= 0 && j < outW) {
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
          int toZ = depthPhase + strideD * (to % volume / area);
          int toI = rowPhase + strideH * (to % area / wide);
          int toJ = colPhase + strideW * (to % wide);
          int plane = ((to / volume * p.get(6) + group) * rows + row) * p.get(11) + toZ;
          x.set(p.get(2) + part * p.get(27) + (plane * h + toI) * w + toJ, sum[i * 4 + j]);
        }
      }
    }
  }

  /** Distance between the taps of a phase: the stride without what it shares with the dilation. */
  static int tapStep(int stride, int dilation) {
    int step = 1;
    while (step * dilation % stride != 0) {
      step++;
    }
    return step;
  }

  /** The first tap of a phase whose first input is {@code at} behind the padding; or beyond all. */
  private static int firstTap(int at, int stride, int dilation, int step, int kernel) {
    int first = kernel + step - 1;
    for (int t = step - 1; t >= 0; t--) {
      if ((at - t * dilation) % stride == 0 && t < kernel) {
        first = t;
      }
    }
    return first;
  }
}
