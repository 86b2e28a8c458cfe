package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Convolution and the gradient of its input as matrix products of which one factor is never built:
 * its elements are gathered from the image while they are brought to local memory. Source: S.
 * Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014.
 *
 * <p>A group computes a tile of the result, 64 x 64, of which a thread keeps 8 x 8 elements in
 * registers, as in {@link GemmKernels}: while a strip is multiplied the next one is on its way. A
 * thread brings the inputs of one position for all steps, and goes from step to step by additions;
 * divisions would take longer than the multiplications. (What both kernels do alike would be a
 * method, had TornadoVM not taken local memory that is handed over for an array of Java.)
 */
final class ConvolutionKernels {
  /** Side of a tile of the result, and threads of a group. */
  static final int TILE = 64;

  /** Steps of the reduction that are in local memory at a time. */
  private static final int STRIP = 8;

  /** Distance of the steps in local memory, so that no two threads store to one bank. */
  private static final int PITCH = TILE + 4;

  private ConvolutionKernels() {}

  /**
   * y[image, k, z, i, j] = bias[k] + sum over c, a, r, q of w[k, c, a, r, q] x[image, c, ...]. Rows
   * of the product are the channels k of a group, columns the positions of all images, and the
   * reduction goes over (c, a, r, q). z of the grid is (part of the sum, group).
   *
   * <p>p: x, w, bias, y, whether there is a bias, output channels of a group, columns, steps of the
   * reduction; then, each for depth, rows and columns, from 8 kernel, from 11 size of the input,
   * from 14 that of the output, from 17 stride, from 20 padding, from 23 dilation; 26 input
   * channels of a group, 27 groups, 28 steps of a part, 29 distance of the parts' results.
   */
  static void convolution(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    float[] bStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    float[] sum = new float[64];
    float[] nextA = new float[8];
    float[] nextB = new float[8];
    float[] a = new float[8];
    float[] b = new float[8];
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
    int kernelDepth = p.get(8);
    int kernelRows = p.get(9);
    int kernelCols = p.get(10);
    int kernelArea = kernelRows * kernelCols;
    int kernelVolume = kernelDepth * kernelArea;
    int depth = p.get(11);
    int h = p.get(12);
    int w = p.get(13);
    int outW = p.get(16);
    int outArea = p.get(15) * outW;
    int outVolume = p.get(14) * outArea;
    int downDepth = p.get(23);
    int downRows = p.get(24);
    int downCols = p.get(25);
    int thread = c.localIdx;
    int tx = thread % 8;
    int ty = thread / 8;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int aFrom = p.get(1) + (group * rows + firstRow + ty) * reduction + tx;
    // The position whose inputs this thread brings, and where its window begins.
    int col = firstCol + thread;
    int image = col / outVolume;
    int position = col % outVolume;
    int front = position / outArea * p.get(17) - p.get(20);
    int top = position % outArea / outW * p.get(18) - p.get(21);
    int left = position % outW * p.get(19) - p.get(22);
    // The step: its tap, the input there, and how far that lies from the window's corner.
    int tapZ = begin % kernelVolume / kernelArea;
    int tapI = begin % kernelArea / kernelCols;
    int tapJ = begin % kernelCols;
    int z = front + tapZ * downDepth;
    int i = top + tapI * downRows;
    int j = left + tapJ * downCols;
    int channel = (image * p.get(27) + group) * p.get(26) + begin / kernelVolume;
    int from = p.get(0) + ((channel * depth + z) * h + i) * w + j;
    // What the address gains in addition where a row, a plane or a channel of the kernel ends.
    int rowEnd = downRows * w - kernelCols * downCols;
    int planeEnd = (downDepth * h - kernelRows * downRows) * w;
    int channelEnd = (depth - kernelDepth * downDepth) * h * w;
    for (int e = 0; e < 64; e++) {
      sum[e] = 0f;
    }
    int parity = 1;
    for (int k0 = begin - STRIP; k0 < end; k0 += STRIP) {
      int next = k0 + STRIP;
      if (next < end) {
        for (int e = 0; e < 8; e++) {
          float av = 0f;
          if (firstRow + ty + 8 * e < rows && next + tx < end) {
            av = x.get(aFrom + 8 * e * reduction + next);
          }
          nextA[e] = av;
          float bv = 0f;
          if (col < cols && next + e < end) {
            if (z >= 0 && z < depth && i >= 0 && i < h && j >= 0 && j < w) {
              bv = x.get(from);
            }
          }
          nextB[e] = bv;
          tapJ++;
          j += downCols;
          from += downCols;
          if (tapJ == kernelCols) {
            tapJ = 0;
            tapI++;
            j = left;
            i += downRows;
            from += rowEnd;
            if (tapI == kernelRows) {
              tapI = 0;
              tapZ++;
              i = top;
              z += downDepth;
              from += planeEnd;
              if (tapZ == kernelDepth) {
                tapZ = 0;
                z = front;
                from += channelEnd;
              }
            }
          }
        }
      }
      if (k0 >= begin) {
        for (int k = 0; k < STRIP; k++) {
          int at = parity * STRIP * PITCH + k * PITCH;
          for (int e = 0; e < 8; e++) {
            a[e] = aStrips[at + ty * 8 + e];
            b[e] = bStrips[at + e / 4 * 32 + tx * 4 + e % 4];
          }
          for (int e = 0; e < 8; e++) {
            for (int f = 0; f < 8; f++) {
              sum[e * 8 + f] += a[e] * b[f];
            }
          }
        }
        parity = 1 - parity;
      }
      for (int e = 0; e < 8; e++) {
        aStrips[parity * STRIP * PITCH + tx * PITCH + ty + 8 * e] = nextA[e];
        bStrips[parity * STRIP * PITCH + e * PITCH + thread] = nextB[e];
      }
      c.localBarrier();
    }
    int y0 = p.get(3) + part * p.get(29);
    for (int f = 0; f < 8; f++) {
      int to = firstCol + f / 4 * 32 + tx * 4 + f % 4;
      int plane = (to / outVolume * p.get(27) + group) * rows;
      int at = y0 + plane * outVolume + to % outVolume;
      for (int e = 0; e < 8; e++) {
        int row = firstRow + ty * 8 + e;
        if (row < rows && to < cols) {
          float bias = 0f;
          if (p.get(4) == 1 && part == 0) {
            bias = x.get(p.get(2) + group * rows + row);
          }
          x.set(at + row * outVolume, sum[e * 8 + f] + bias);
        }
      }
    }
  }

  /**
   * gx[image, c, ...] = sum over k, a, r, q of w[k, c, a, r, q] gy[image, k, ...], with output row
   * (i + padding - r dilation) / stride where that divides exactly, and likewise along depth and
   * columns. Positions of like remainders by the strides need the same taps; every such phase is a
   * product of its own, so nothing that does not divide is visited. In a phase the taps are {@code
   * first + step b}, and the output row of tap b for the a-th input row is {@code base + a - back
   * b}. Rows of the product are the channels c of a group, columns the phase's positions of all
   * images, and the reduction goes over (k, b of each dimension). z of the grid is (part of the
   * sum, group, phase).
   *
   * <p>p: gy, w, gx, images, input channels of a group, output channels of a group, groups, free;
   * then as of {@link #convolution} from 8 to 25; 26 steps of a part, 27 distance of the parts'
   * results.
   */
  static void inputGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    float[] bStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    float[] sum = new float[64];
    float[] nextA = new float[8];
    float[] nextB = new float[8];
    float[] a = new float[8];
    float[] b = new float[8];
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
    int thread = c.localIdx;
    int tx = thread % 8;
    int ty = thread / 8;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    // The position for which this thread brings gradients, and the output of its first taps.
    int row0 = firstRow + thread;
    int col = firstCol + thread;
    int outZ = (depthPhase + p.get(20) - firstA * p.get(23)) / strideD + col % volume / area;
    int outI = (rowPhase + p.get(21) - firstR * p.get(24)) / strideH + col % area / wide;
    int outJ = (colPhase + p.get(22) - firstQ * p.get(25)) / strideW + col % wide;
    // The step: its tap, the output there, and where that and the weight are.
    int tapZ = begin % phaseVolume / phaseArea;
    int tapI = begin % phaseArea / qCount;
    int tapJ = begin % qCount;
    int z = outZ - tapZ * backA;
    int i = outI - tapI * backR;
    int j = outJ - tapJ * backQ;
    int channel = begin / phaseVolume;
    int outChannel = (col / volume * p.get(6) + group) * p.get(5) + channel;
    int from = p.get(0) + ((outChannel * outD + z) * outH + i) * outW + j;
    int weight =
        p.get(1)
            + ((group * p.get(5) + channel) * rows + row0) * kernelVolume
            + ((firstA + tapZ * stepA) * p.get(9) + firstR + tapI * stepR) * kernelCols
            + firstQ
            + tapJ * stepQ;
    // What the addresses gain in addition where a row, a plane or a channel of taps ends.
    int rowEnd = qCount * backQ - backR * outW;
    int planeEnd = (rCount * backR - backA * outH) * outW;
    int channelEnd = (aCount * backA + outD) * outH * outW;
    int weightRowEnd = stepR * kernelCols - qCount * stepQ;
    int weightPlaneEnd = stepA * kernelArea - rCount * stepR * kernelCols;
    int weightChannelEnd = rows * kernelVolume - aCount * stepA * kernelArea;
    for (int e = 0; e < 64; e++) {
      sum[e] = 0f;
    }
    int parity = 1;
    for (int k0 = begin - STRIP; k0 < end; k0 += STRIP) {
      int next = k0 + STRIP;
      if (next < end) {
        for (int e = 0; e < 8; e++) {
          float av = 0f;
          float bv = 0f;
          if (next + e < end) {
            if (row0 < rows) {
              av = x.get(weight);
            }
            if (col < cols && z >= 0 && z < outD && i >= 0 && i < outH && j >= 0 && j < outW) {
              bv = x.get(from);
            }
          }
          nextA[e] = av;
          nextB[e] = bv;
          tapJ++;
          j -= backQ;
          from -= backQ;
          weight += stepQ;
          if (tapJ == qCount) {
            tapJ = 0;
            tapI++;
            j = outJ;
            i -= backR;
            from += rowEnd;
            weight += weightRowEnd;
            if (tapI == rCount) {
              tapI = 0;
              tapZ++;
              i = outI;
              z -= backA;
              from += planeEnd;
              weight += weightPlaneEnd;
              if (tapZ == aCount) {
                tapZ = 0;
                z = outZ;
                from += channelEnd;
                weight += weightChannelEnd;
              }
            }
          }
        }
      }
      if (k0 >= begin) {
        for (int k = 0; k < STRIP; k++) {
          int at = parity * STRIP * PITCH + k * PITCH;
          for (int e = 0; e < 8; e++) {
            a[e] = aStrips[at + ty * 8 + e];
            b[e] = bStrips[at + e / 4 * 32 + tx * 4 + e % 4];
          }
          for (int e = 0; e < 8; e++) {
            for (int f = 0; f < 8; f++) {
              sum[e * 8 + f] += a[e] * b[f];
            }
          }
        }
        parity = 1 - parity;
      }
      for (int e = 0; e < 8; e++) {
        aStrips[parity * STRIP * PITCH + e * PITCH + thread] = nextA[e];
        bStrips[parity * STRIP * PITCH + e * PITCH + thread] = nextB[e];
      }
      c.localBarrier();
    }
    int gx0 = p.get(2) + part * p.get(27);
    for (int f = 0; f < 8; f++) {
      int to = firstCol + f / 4 * 32 + tx * 4 + f % 4;
      int toZ = depthPhase + strideD * (to % volume / area);
      int toI = rowPhase + strideH * (to % area / wide);
      int toJ = colPhase + strideW * (to % wide);
      for (int e = 0; e < 8; e++) {
        int row = firstRow + ty * 8 + e;
        if (row < rows && to < cols) {
          int plane = ((to / volume * p.get(6) + group) * rows + row) * p.get(11) + toZ;
          x.set(gx0 + (plane * h + toI) * w + toJ, sum[e * 8 + f]);
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
