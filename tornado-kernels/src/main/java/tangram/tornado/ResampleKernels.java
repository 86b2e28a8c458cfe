package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Nearest-neighbour doubling, bilinear resizing and max pooling of planes: one thread for each
 * element of the output. Gradients collect what the forward pass spread, so that no two threads add
 * to one element and the order of a sum is fixed.
 */
final class ResampleKernels {
  private ResampleKernels() {}

  /** p: x, y, w, length; the height does not matter. */
  static void doublePlanes(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(3)) {
      int w = p.get(2);
      int row = e / (2 * w);
      int col = e % (2 * w);
      // Row 2i of plane p is row 2 (p h + i) of all, so halves of rows need no planes.
      x.set(p.get(1) + e, x.get(p.get(0) + row / 2 * w + col / 2));
    }
  }

  /** p: gy, gx, w, length. */
  static void sumBlocks(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(3)) {
      int w = p.get(2);
      int upper = p.get(0) + e / w * 4 * w + e % w * 2;
      int lower = upper + 2 * w;
      x.set(p.get(1) + e, x.get(upper) + x.get(upper + 1) + x.get(lower) + x.get(lower + 1));
    }
  }

  /**
   * Twice {@code outSize} times the place in the input of element i of the output, {@code (i + 1/2)
   * size / outSize - 1/2}, at least 0: a whole number, so that places are exact.
   */
  private static int place(int i, int size, int outSize) {
    int at = (2 * i + 1) * size - outSize;
    if (at < 0) {
      at = 0;
    }
    return at;
  }

  /** p: x, y, h, w, outH, outW, length. */
  static void bilinear(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(6)) {
      int h = p.get(2);
      int w = p.get(3);
      int outH = p.get(4);
      int outW = p.get(5);
      int row = place(e / outW % outH, h, outH);
      int col = place(e % outW, w, outW);
      int top = row / (2 * outH);
      int left = col / (2 * outW);
      float down = (row - top * 2 * outH) / (2f * outH);
      float across = (col - left * 2 * outW) / (2f * outW);
      int plane = p.get(0) + e / outW / outH * h * w;
      int upper = plane + top * w + left;
      int right = 0;
      if (left + 1 < w) {
        right = 1;
      }
      int lower = upper;
      if (top + 1 < h) {
        lower = upper + w;
      }
      float above = (1f - across) * x.get(upper) + across * x.get(upper + right);
      float below = (1f - across) * x.get(lower) + across * x.get(lower + right);
      x.set(p.get(1) + e, (1f - down) * above + down * below);
    }
  }

  /** The share of element {@code source} of the input in element i of the output. */
  private static float share(int i, int source, int size, int outSize) {
    int at = place(i, size, outSize);
    int low = at / (2 * outSize);
    float fraction = (at - low * 2 * outSize) / (2f * outSize);
    float share = 0f;
    if (low == source) {
      share = 1f - fraction;
    }
    if (low + 1 == source) {
      share = fraction;
    }
    // Past the last element both neighbours are the last.
    if (low == source && low == size - 1) {
      share = 1f;
    }
    return share;
  }

  /** The first output, or one before it, to which element {@code source} may contribute. */
  private static int firstOutput(int source, int size, int outSize) {
    int first = ((2 * source - 1) * outSize - size) / (2 * size);
    if (first < 0) {
      first = 0;
    }
    return first;
  }

  /** The last output, or one after it, to which element {@code source} may contribute. */
  private static int lastOutput(int source, int size, int outSize) {
    int last = ((2 * source + 3) * outSize - size) / (2 * size);
    if (last > outSize - 1) {
      last = outSize - 1;
    }
    return last;
  }

  /** p: gy, gx, h, w, outH, outW, length. */
  static void bilinearBackward(
      KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(6)) {
      int h = p.get(2);
      int w = p.get(3);
      int outH = p.get(4);
      int outW = p.get(5);
      int row = e / w % h;
      int col = e % w;
      int plane = p.get(0) + e / w / h * outH * outW;
      int firstRow = firstOutput(row, h, outH);
      int lastRow = lastOutput(row, h, outH);
      int firstCol = firstOutput(col, w, outW);
      int lastCol = lastOutput(col, w, outW);
      float sum = 0f;
      for (int i = firstRow; i <= lastRow; i++) {
        float down = share(i, row, h, outH);
        float line = 0f;
        for (int j = firstCol; j <= lastCol; j++) {
          line += share(j, col, w, outW) * x.get(plane + i * outW + j);
        }
        sum += down * line;
      }
      x.set(p.get(1) + e, sum);
    }
  }

  /** p: x, y, index, h, w, outH, outW, kernel, stride, padding, length. */
  static void maxPool(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(3);
      int w = p.get(4);
      int outW = p.get(6);
      int kernel = p.get(7);
      int row = e / outW % p.get(5) * p.get(8) - p.get(9);
      int col = e % outW * p.get(8) - p.get(9);
      int plane = p.get(0) + e / outW / p.get(5) * h * w;
      int winner = -1;
      float best = 0f;
      for (int i = row; i < row + kernel; i++) {
        for (int j = col; j < col + kernel; j++) {
          if (i >= 0 && i < h && j >= 0 && j < w) {
            float v = x.get(plane + i * w + j);
            if (winner < 0 || v > best) {
              winner = i * w + j;
              best = v;
            }
          }
        }
      }
      x.set(p.get(1) + e, best);
      n.set(p.get(2) + e, winner);
    }
  }

  /** p: gy, index, gx, h, w, outH, outW, kernel, stride, padding, length. */
  static void maxPoolBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(3);
      int w = p.get(4);
      int outH = p.get(5);
      int outW = p.get(6);
      int kernel = p.get(7);
      int stride = p.get(8);
      int row = e / w % h + p.get(9);
      int col = e % w + p.get(9);
      // Windows that hold this element begin at most kernel - 1 before it.
      int firstRow = 0;
      if (row >= kernel) {
        firstRow = (row - kernel) / stride + 1;
      }
      int firstCol = 0;
      if (col >= kernel) {
        firstCol = (col - kernel) / stride + 1;
      }
      int plane = e / w / h * outH * outW;
      int own = e % (h * w);
      float sum = 0f;
      for (int i = firstRow; i < outH && i * stride <= row; i++) {
        for (int j = firstCol; j < outW && j * stride <= col; j++) {
          if (n.get(p.get(1) + plane + i * outW + j) == own) {
            sum += x.get(p.get(0) + plane + i * outW + j);
          }
        }
      }
      x.set(p.get(2) + e, sum);
    }
  }
}
