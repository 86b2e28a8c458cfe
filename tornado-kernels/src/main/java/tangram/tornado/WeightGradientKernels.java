package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The gradient of a convolution's weights, by tiles as in {@link ConvolutionKernels}. The results
 * are few and the sums long, so they are in parts more often than not ({@link Tiling}).
 */
final class WeightGradientKernels {
  /** Side of a tile of the result, and threads of a group. */
  private static final int TILE = ConvolutionKernels.TILE;

  /** Steps of the reduction that are in local memory at a time. */
  private static final int STRIP = 8;

  /** Distance of the steps in local memory, so that no two threads store to one bank. */
  private static final int PITCH = TILE + 4;

  private WeightGradientKernels() {}

  /**
   * gw[k, c, a, r, q] = sum over image, z, i, j of gy[image, k, z, i, j] x[image, c, ...]. Rows of
   * the product are the channels k of a group, columns (c, a, r, q), and the reduction goes over
   * the positions of all images; z of the grid is (part of the sum, group).
   *
   * <p>p: x, gy, gw, output channels of a group, columns, positions, positions of a part, groups;
   * then as of {@link ConvolutionKernels#convolution} from 8 to 26.
   *
   * <p>{@code columns}: how far a column's input lies from the corner of a window; and along depth,
   * rows and columns. A thread brings every eighth row and column of one step of each strip.
   */
  static void weightGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    float[] bStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH);
    int[] columns = c.allocateIntLocalArray(4 * TILE);
    float[] sum = new float[64];
    float[] nextA = new float[8];
    float[] nextB = new float[8];
    float[] a = new float[8];
    float[] b = new float[8];
    int rows = p.get(3);
    int cols = p.get(4);
    int groups = p.get(7);
    int group = c.groupIdz % groups;
    int part = c.groupIdz / groups;
    int depth = p.get(11);
    int h = p.get(12);
    int w = p.get(13);
    int outD = p.get(14);
    int outH = p.get(15);
    int outW = p.get(16);
    int outArea = outH * outW;
    int outVolume = outD * outArea;
    int thread = c.localIdx;
    int tx = thread % 8;
    int ty = thread / 8;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int begin = part * p.get(6);
    int end = begin + p.get(6);
    if (end > p.get(5)) {
      end = p.get(5);
    }
    int kernelArea = p.get(9) * p.get(10);
    int kernelVolume = p.get(8) * kernelArea;
    int ownCol = firstCol + thread;
    int ownZ = ownCol % kernelVolume / kernelArea * p.get(23);
    int ownI = ownCol % kernelArea / p.get(10) * p.get(24);
    int ownJ = ownCol % p.get(10) * p.get(25);
    columns[thread] = ((ownCol / kernelVolume * depth + ownZ) * h + ownI) * w + ownJ;
    columns[TILE + thread] = ownZ;
    columns[2 * TILE + thread] = ownI;
    columns[3 * TILE + thread] = ownJ;
    // The step of this thread: its position, and where its gradient and its image are.
    int step = begin + tx;
    int image = step / outVolume;
    int outZ = step % outVolume / outArea;
    int outI = step % outArea / outW;
    int outJ = step % outW;
    int imageSize = groups * p.get(26) * depth * h * w;
    int x0 = p.get(0) + group * p.get(26) * depth * h * w + image * imageSize;
    int gySize = groups * rows * outVolume;
    int gy0 = p.get(1) + (group * rows + firstRow + ty) * outVolume + image * gySize;
    for (int e = 0; e < 64; e++) {
      sum[e] = 0f;
    }
    c.localBarrier();
    int parity = 1;
    for (int k0 = begin - STRIP; k0 < end; k0 += STRIP) {
      if (k0 + STRIP < end) {
        int z0 = outZ * p.get(17) - p.get(20);
        int i0 = outI * p.get(18) - p.get(21);
        int j0 = outJ * p.get(19) - p.get(22);
        int corner = x0 + (z0 * h + i0) * w + j0;
        int position = gy0 + (outZ * outH + outI) * outW + outJ;
        for (int e = 0; e < 8; e++) {
          float av = 0f;
          if (firstRow + ty + 8 * e < rows && step < end) {
            av = x.get(position + 8 * e * outVolume);
          }
          nextA[e] = av;
          float bv = 0f;
          if (firstCol + ty + 8 * e < cols && step < end) {
            int z = z0 + columns[TILE + ty + 8 * e];
            int i = i0 + columns[2 * TILE + ty + 8 * e];
            int j = j0 + columns[3 * TILE + ty + 8 * e];
            if (z >= 0 && z < depth && i >= 0 && i < h && j >= 0 && j < w) {
              bv = x.get(corner + columns[ty + 8 * e]);
            }
          }
          nextB[e] = bv;
        }
        step += STRIP;
        outJ += STRIP;
        while (outJ >= outW) {
          outJ -= outW;
          outI++;
          if (outI == outH) {
            outI = 0;
            outZ++;
            if (outZ == outD) {
              outZ = 0;
              x0 += imageSize;
              gy0 += gySize;
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
        bStrips[parity * STRIP * PITCH + tx * PITCH + ty + 8 * e] = nextB[e];
      }
      c.localBarrier();
    }
    int gw0 = p.get(2) + c.groupIdz * rows * cols;
    for (int e = 0; e < 8; e++) {
      for (int f = 0; f < 8; f++) {
        int row = firstRow + ty * 8 + e;
        int col = firstCol + f / 4 * 32 + tx * 4 + f % 4;
        if (row < rows && col < cols) {
          x.set(gw0 + row * cols + col, sum[e * 8 + f]);
        }
      }
    }
  }
}
