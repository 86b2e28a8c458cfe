package tangram.tornado;

import static tangram.tornado.ConvolutionKernels.PITCH;
import static tangram.tornado.ConvolutionKernels.STRIP;
import static tangram.tornado.ConvolutionKernels.THREADS;
import static tangram.tornado.ConvolutionKernels.TILE;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The gradient of a convolution's weights, by tiles as in {@link ConvolutionKernels}. The results
 * are few and the sums long: every z of the grid sums a part of the pixels into a result of its
 * own, and {@link Parts} adds these.
 */
final class WeightGradientKernels {
  private WeightGradientKernels() {}

  /**
   * gw[k, c, r, q] = sum over image, i, j of gy[image, k, i, j] x[image, c, i stride + r - padding,
   * j stride + q - padding]. Rows of the product are the channels k, columns (c, r, q), and the
   * reduction goes over the pixels of all images.
   *
   * <p>p: x, gy, gw, output channels, columns, pixels, pixels of a part, kernel rows, kernel
   * columns, h, w, outH outW, outW, stride, padding, size of an input image.
   *
   * <p>{@code steps}: where a pixel's gradient of channel 0 lies within gy; where its window begins
   * within x; the latter's row and column. {@code columns}: how far a column's input lies from the
   * corner of a window; the row of the kernel; the column.
   */
  static void weightGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * PITCH);
    int[] steps = c.allocateIntLocalArray(4 * STRIP);
    int[] columns = c.allocateIntLocalArray(3 * TILE);
    float[] sum = new float[16];
    int x0 = p.get(0);
    int gy0 = p.get(1);
    int rows = p.get(3);
    int cols = p.get(4);
    int h = p.get(9);
    int w = p.get(10);
    int outArea = p.get(11);
    int outW = p.get(12);
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int begin = c.groupIdz * p.get(6);
    int end = begin + p.get(6);
    if (end > p.get(5)) {
      end = p.get(5);
    }
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    if (thread < TILE) {
      int area = p.get(7) * p.get(8);
      int col = firstCol + thread;
      int r = col % area / p.get(8);
      int q = col % p.get(8);
      columns[thread] = (col / area * h + r) * w + q;
      columns[TILE + thread] = r;
      columns[2 * TILE + thread] = q;
    }
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      if (thread < STRIP) {
        int image = (k0 + thread) / outArea;
        int pixel = (k0 + thread) % outArea;
        int top = pixel / outW * p.get(13) - p.get(14);
        int left = pixel % outW * p.get(13) - p.get(14);
        steps[thread] = image * rows * outArea + pixel;
        steps[STRIP + thread] = image * p.get(15) + top * w + left;
        steps[2 * STRIP + thread] = top;
        steps[3 * STRIP + thread] = left;
      }
      c.localBarrier();
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 256;
        int i = e / STRIP;
        int k = e % STRIP;
        float av = 0f;
        if (firstRow + i < rows && k0 + k < end) {
          av = x.get(gy0 + (firstRow + i) * outArea + steps[k]);
        }
        aStrip[k * PITCH + i] = av;
        float bv = 0f;
        if (firstCol + i < cols && k0 + k < end) {
          int xi = steps[2 * STRIP + k] + columns[TILE + i];
          int xj = steps[3 * STRIP + k] + columns[2 * TILE + i];
          if (xi >= 0 && xi < h && xj >= 0 && xj < w) {
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
