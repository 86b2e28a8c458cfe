package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Resizing and pooling: one thread for each element of the output. Gradients collect what the
 * forward pass spread, so that no two threads add to one element and the order of a sum is fixed.
 */
final class ResampleKernels {
  private ResampleKernels() {}

  /**
   * Planes times sparse matrices on both sides; p: x, y; then of the rows' and the columns' matrix
   * whether it is the identity, start, column, weight, rows, columns; length.
   */
  static void resample(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(14)) {
      int i = e / p.get(12) % p.get(6);
      int j = e % p.get(12);
      int plane = p.get(0) + e / p.get(12) / p.get(6) * p.get(7) * p.get(13);
      int firstRow = i;
      int endRow = i + 1;
      if (p.get(2) == 0) {
        firstRow = n.get(p.get(3) + i);
        endRow = n.get(p.get(3) + i + 1);
      }
      int firstCol = j;
      int endCol = j + 1;
      if (p.get(8) == 0) {
        firstCol = n.get(p.get(9) + j);
        endCol = n.get(p.get(9) + j + 1);
      }
      float sum = 0f;
      for (int r = firstRow; r < endRow; r++) {
        int row = r;
        float down = 1f;
        if (p.get(2) == 0) {
          row = n.get(p.get(4) + r);
          down = x.get(p.get(5) + r);
        }
        float line = 0f;
        for (int q = firstCol; q < endCol; q++) {
          int col = q;
          float across = 1f;
          if (p.get(8) == 0) {
            col = n.get(p.get(10) + q);
            across = x.get(p.get(11) + q);
          }
          line += across * x.get(plane + row * p.get(13) + col);
        }
        sum += down * line;
      }
      x.set(p.get(1) + e, sum);
    }
  }

  /** The first element of window o; {@code at}: where the numbers of the dimension are in p. */
  private static int first(IntArray p, int at, int o) {
    int first = o * p.get(at + 3) - p.get(at + 4);
    if (p.get(at + 2) == 0) {
      first = (int) ((long) o * p.get(at) / p.get(at + 1));
    }
    while (first < 0) {
      first += p.get(at + 5);
    }
    return first;
  }

  /** Past the last element of window o. */
  private static int end(IntArray p, int at, int o) {
    int end = o * p.get(at + 3) - p.get(at + 4) + (p.get(at + 2) - 1) * p.get(at + 5) + 1;
    if (p.get(at + 2) == 0) {
      end = (int) (((o + 1L) * p.get(at) + p.get(at + 1) - 1) / p.get(at + 1));
    }
    if (end > p.get(at)) {
      end = p.get(at);
    }
    return end;
  }

  /** The first window that may hold element i. */
  private static int firstWindow(IntArray p, int at, int i) {
    int reach = (p.get(at + 2) - 1) * p.get(at + 5) + 1;
    int first = 0;
    if (i + p.get(at + 4) >= reach) {
      first = (i + p.get(at + 4) - reach) / p.get(at + 3) + 1;
    }
    if (p.get(at + 2) == 0) {
      first = (int) ((long) i * p.get(at + 1) / p.get(at));
    }
    return first;
  }

  /** Past the last window that may hold element i. */
  private static int endWindow(IntArray p, int at, int i) {
    int end = (i + p.get(at + 4)) / p.get(at + 3) + 1;
    if (p.get(at + 2) == 0) {
      end = (int) (((i + 1L) * p.get(at + 1) - 1) / p.get(at)) + 1;
    }
    if (end > p.get(at + 1)) {
      end = p.get(at + 1);
    }
    return end;
  }

  /**
   * p: x, y, index, length; then for depth, rows and columns the size, that of the output, taps (0
   * of adaptive pooling), stride, padding and dilation.
   */
  static void maxPool(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(3)) {
      int z = e / p.get(17) / p.get(11) % p.get(5);
      int i = e / p.get(17) % p.get(11);
      int j = e % p.get(17);
      int h = p.get(10);
      int w = p.get(16);
      int start = p.get(0) + e / p.get(17) / p.get(11) / p.get(5) * p.get(4) * h * w;
      int firstRow = first(p, 10, i);
      int endRow = end(p, 10, i);
      int firstCol = first(p, 16, j);
      int endCol = end(p, 16, j);
      int endPlane = end(p, 4, z);
      int winner = -1;
      float best = 0f;
      for (int a = first(p, 4, z); a < endPlane; a += p.get(9)) {
        for (int r = firstRow; r < endRow; r += p.get(15)) {
          for (int q = firstCol; q < endCol; q += p.get(21)) {
            int at = (a * h + r) * w + q;
            float v = x.get(start + at);
            if (winner < 0 || v > best || v != v && best == best) {
              winner = at;
              best = v;
            }
          }
        }
      }
      x.set(p.get(1) + e, best);
      n.set(p.get(2) + e, winner);
    }
  }

  /** p: gy, index, gx, length; then as of {@link #maxPool}. */
  static void maxPoolBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(3)) {
      int h = p.get(10);
      int w = p.get(16);
      int volume = p.get(4) * h * w;
      int plane = e / volume * p.get(5) * p.get(11) * p.get(17);
      int own = e % volume;
      int z = own / (h * w);
      int row = own / w % h;
      int col = own % w;
      int firstRow = firstWindow(p, 10, row);
      int endRow = endWindow(p, 10, row);
      int firstCol = firstWindow(p, 16, col);
      int endCol = endWindow(p, 16, col);
      int endPlane = endWindow(p, 4, z);
      float sum = 0f;
      for (int a = firstWindow(p, 4, z); a < endPlane; a++) {
        for (int i = firstRow; i < endRow; i++) {
          for (int j = firstCol; j < endCol; j++) {
            int at = plane + (a * p.get(11) + i) * p.get(17) + j;
            if (n.get(p.get(1) + at) == own) {
              sum += x.get(p.get(0) + at);
            }
          }
        }
      }
      x.set(p.get(2) + e, sum);
    }
  }
}
