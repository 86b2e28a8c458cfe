package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The gradient of a convolution's weights, by tiles as in {@link ConvolutionKernels}. The results
 * are few and the sums long: every z of the grid sums a part of the pixels into a result of its
 * own, and {@link Parts} adds these.
 */
final class WeightGradientKernels {
  /** Side of a tile of the result, of which a thread keeps 4 x 4 elements. */
  private static final int TILE = 64;

  /** Threads of a group in each of two directions. */
  static final int THREADS = 16;

  /** Steps of the reduction that are in local memory at a time. */
  private static final int STRIP = 16;

  /** Distance of the steps in local memory, so that threads do not all meet in one bank. */
  private static final int PITCH = TILE + 4;

  private WeightGradientKernels() {}

  /**
   * gw[k, c, a, r, q] = sum over image, z, i, j of gy[image, k, z, i, j] x[image, c, ...]. Rows of
   * the product are the channels k of a group, columns (c, a, r, q), and the reduction goes over
   * the positions of all images; z of the grid is (part, group).
   *
   * <p>p: x, gy, gw, output channels of a group, columns, positions, positions of a part, groups;
   * then as of {@link ConvolutionKernels#convolution} from 8 to 26.
   *
   * <p>{@code steps}: where a position's gradient of channel 0 lies within gy; where its window
   * begins within x; the latter's row, column and plane. {@code columns}: how far a column's input
   * lies from the corner of a window; and along rows, columns and depth.
   */
  static void weightGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(5 * STRIP);
    int[] columns = c.allocateIntLocalArray(4 * TILE);
    float[] sum = new float[16];
    int rows = p.get(3);
    int cols = p.get(4);
    int groups = p.get(7);
    int group = c.groupIdz % groups;
    int part = c.groupIdz / groups;
    int depth = p.get(11);
    int h = p.get(12);
    int w = p.get(13);
    int outW = p.get(16);
    int outArea = p.get(15) * outW;
    int outVolume = p.get(14) * outArea;
    int x0 = p.get(0) + group * p.get(26) * depth * h * w;
    int gy0 = p.get(1) + group * rows * outVolume;
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int begin = part * p.get(6);
    int end = begin + p.get(6);
    if (end > p.get(5)) {
      end = p.get(5);
    }
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    if (thread < TILE) {
      int area = p.get(9) * p.get(10);
      int volume = p.get(8) * area;
      int col = firstCol + thread;
      int a = col % volume / area * p.get(23);
      int r = col % area / p.get(10) * p.get(24);
      int q = col % p.get(10) * p.get(25);
      columns[thread] = ((col / volume * depth + a) * h + r) * w + q;
      columns[TILE + thread] = r;
      columns[2 * TILE + thread] = q;
      columns[3 * TILE + thread] = a;
    }
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      if (thread < STRIP) {
        int image = (k0 + thread) / outVolume;
        int position = (k0 + thread) % outVolume;
        int front = position / outArea * p.get(17) - p.get(20);
        int top = position % outArea / outW * p.get(18) - p.get(21);
        int left = position % outW * p.get(19) - p.get(22);
        steps[thread] = image * groups * rows * outVolume + position;
        steps[STRIP + thread] = ((image * groups * p.get(26) * depth + front) * h + top) * w + left;
        steps[2 * STRIP + thread] = top;
        steps[3 * STRIP + thread] = left;
        steps[4 * STRIP + thread] = front;
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 256;
        int i = e / STRIP;
        int k = e % STRIP;
        float av = 0f;
        if (firstRow + i < rows && k0 + k < end) {
          av = x.get(gy0 + (firstRow + i) * outVolume + steps[k]);
        }
        aStrip[k * PITCH + i] = av;
        float bv = 0f;
        if (firstCol + i < cols && k0 + k < end) {
          int xi = steps[2 * STRIP + k] + columns[TILE + i];
          int xj = steps[3 * STRIP + k] + columns[2 * TILE + i];
          int xz = steps[4 * STRIP + k] + columns[3 * TILE + i];
          if (xz >= 0 && xz < depth && xi >= 0 && xi < h && xj >= 0 && xj < w) {
            bv = x.get(x0 + steps[STRIP + k] + columns[i]);
          }
        }
        bStrip[k * PITCH + i] = bv;
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
        int col = firstCol + tx + THREADS * j;
        if (row < rows && col < cols) {
          x.set(p.get(2) + (c.groupIdz * rows + row) * cols + col, sum[i * 4 + j]);
        }
      }
    }
  }
}
