package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Sums of columns. They can be applied to their own partial results. */
final class ReductionKernels {
  /** Columns of a group of {@link #sumRows}. */
  static final int COLS = 32;

  /** Threads that share a column. */
  static final int LANES = 8;

  private ReductionKernels() {}

  /**
   * Sums of columns over a slice of rows. Group (i, j, k) has {@link #COLS} columns, slice j, and
   * matrix k of at most two that lie side by side.
   *
   * <p>p: x, y, y of the second matrix, rows, columns, rows of a slice, distance of rows of x, of
   * the results of slices.
   */
  static void sumRows(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] terms = c.allocateFloatLocalArray(COLS * LANES);
    int rows = p.get(3);
    int cols = p.get(4);
    int slice = p.get(5);
    int distance = p.get(6);
    int lane = c.localIdy;
    int part = c.groupIdy;
    int matrix = c.groupIdz;
    int col = c.globalIdx;
    int x0 = p.get(0) + matrix * cols + col;
    int to = Slices.end(part, slice, rows);
    float sum = 0f;
    if (col < cols) {
      for (int row = part * slice + lane; row < to; row += LANES) {
        sum += x.get(x0 + row * distance);
      }
    }
    terms[lane * COLS + c.localIdx] = sum;
    c.localBarrier();
    if (lane == 0 && col < cols) {
      float total = 0f;
      for (int i = 0; i < LANES; i++) {
        total += terms[i * COLS + c.localIdx];
      }
      x.set(p.get(1 + matrix) + part * p.get(7) + col, total);
    }
  }
}
