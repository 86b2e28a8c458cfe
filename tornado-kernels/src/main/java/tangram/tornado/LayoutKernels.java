package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that move elements: one thread for each element of the output, which looks for where it
 * comes from; so writes lie side by side, and no element has two writers.
 */
final class LayoutKernels {
  /** Side of a tile of {@link #transpose}. */
  static final int TILE = 32;

  /** Rows of threads of a group of {@link #transpose}. */
  static final int TILE_THREADS = 8;

  /** A row of the tile in local memory: odd, so that a column's elements lie in different banks. */
  private static final int TILE_ROW = TILE + 1;

  /** Threads of a group of {@link #gatherRowsBackward}, which has this number of columns. */
  static final int GATHER_THREADS = 64;

  /** Bits of a word that are used: not the sign, which TornadoVM's {@code >>>} moves as such. */
  private static final int BITS = 16;

  private LayoutKernels() {}

  /** p: x, y, rank, extents of y [6], strides in x of y's dimensions [6], length. */
  static void permute(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(15)) {
      int rest = i;
      int source = p.get(0);
      for (int d = p.get(2) - 1; d >= 0; d--) {
        int extent = p.get(3 + d);
        source += rest % extent * p.get(9 + d);
        rest = rest / extent;
      }
      x.set(p.get(1) + i, x.get(source));
    }
  }

  /**
   * y[b, j, i] = x[b, i, j]. A group brings a tile to local memory row by row and takes it from
   * there column by column, so neighbouring threads read and write neighbouring elements.
   *
   * <p>p: x, y, rows, columns.
   */
  static void transpose(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] tile = c.allocateFloatLocalArray(TILE * TILE_ROW);
    int rows = p.get(2);
    int cols = p.get(3);
    int x0 = p.get(0) + c.groupIdz * rows * cols;
    int y0 = p.get(1) + c.groupIdz * rows * cols;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int tx = c.localIdx;
    int ty = c.localIdy;
    for (int r = ty; r < TILE; r += TILE_THREADS) {
      if (firstRow + r < rows && firstCol + tx < cols) {
        tile[r * TILE_ROW + tx] = x.get(x0 + (firstRow + r) * cols + firstCol + tx);
      }
    }
    c.localBarrier();
    for (int r = ty; r < TILE; r += TILE_THREADS) {
      if (firstCol + r < cols && firstRow + tx < rows) {
        x.set(y0 + (firstCol + r) * rows + firstRow + tx, tile[tx * TILE_ROW + r]);
      }
    }
  }

  /** p: x, y, columns of x, first column in x, columns of y, first column in y, cols, length. */
  static void copyColumns(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(7)) {
      int row = i / p.get(6);
      int col = i % p.get(6);
      float v = x.get(p.get(0) + row * p.get(2) + p.get(3) + col);
      x.set(p.get(1) + row * p.get(4) + p.get(5) + col, v);
    }
  }

  /** p: x, index, y, cols, length. */
  static void gatherRows(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      int cols = p.get(3);
      int row = n.get(p.get(1) + i / cols);
      x.set(p.get(2) + i, x.get(p.get(0) + row * cols + i % cols));
    }
  }

  /**
   * gx[r, :] = the sum of gy[i, :] over all i with index[i] = r, in order of i. A group has one r
   * (first dimension) and some columns (second dimension); its threads together note down, as bits
   * of local memory, which i are r's, and then every thread adds up a column.
   *
   * <p>p: gy, index, gx, rows, cols.
   */
  static void gatherRowsBackward(
      KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int[] hits = c.allocateIntLocalArray(GATHER_THREADS);
    int rows = p.get(3);
    int cols = p.get(4);
    int t = c.localIdx;
    int r = c.groupIdx;
    int col = c.groupIdy * GATHER_THREADS + t;
    float sum = 0f;
    for (int first = 0; first < rows; first += GATHER_THREADS * BITS) {
      int word = 0;
      int mine = first + t * BITS;
      int count = rows - mine;
      if (count > BITS) {
        count = BITS;
      }
      for (int b = 0; b < count; b++) {
        if (n.get(p.get(1) + mine + b) == r) {
          word = word | (1 << b);
        }
      }
      hits[t] = word;
      c.localBarrier();
      if (col < cols) {
        for (int w = 0; w < GATHER_THREADS; w++) {
          int found = hits[w];
          for (int i = first + w * BITS; found != 0; i++) {
            if ((found & 1) == 1) {
              sum += x.get(p.get(0) + i * cols + col);
            }
            found = found >> 1;
          }
        }
      }
      c.localBarrier();
    }
    if (col < cols) {
      x.set(p.get(2) + r * cols + col, sum);
    }
  }

  /**
   * Element (window, token, channel) of the partition.
   *
   * <p>p: x, y, h, w, channels, window side, rows and columns of windows, shift of rows, of
   * columns, length.
   */
  static void windowPartition(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(2);
      int w = p.get(3);
      int channels = p.get(4);
      int side = p.get(5);
      int rows = p.get(6);
      int cols = p.get(7);
      int token = e / channels % (side * side);
      int window = e / channels / (side * side);
      int i = window / cols % rows * side + token / side + p.get(8);
      int j = window % cols * side + token % side + p.get(9);
      i = i % (rows * side);
      j = j % (cols * side);
      float v = 0f;
      if (i < h && j < w) {
        int image = window / cols / rows;
        v = x.get(p.get(0) + ((image * h + i) * w + j) * channels + e % channels);
      }
      x.set(p.get(1) + e, v);
    }
  }

  /** Element (image, row, column, channel) of the map; p as in {@link #windowPartition}. */
  static void windowReverse(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(10)) {
      int h = p.get(2);
      int w = p.get(3);
      int channels = p.get(4);
      int side = p.get(5);
      int rows = p.get(6);
      int cols = p.get(7);
      int pixel = e / channels;
      int image = pixel / w / h;
      int i = (pixel / w % h + rows * side - p.get(8)) % (rows * side);
      int j = (pixel % w + cols * side - p.get(9)) % (cols * side);
      int window = (image * rows + i / side) * cols + j / side;
      int token = i % side * side + j % side;
      int source = (window * side * side + token) * channels + e % channels;
      x.set(p.get(1) + e, x.get(p.get(0) + source));
    }
  }
}
