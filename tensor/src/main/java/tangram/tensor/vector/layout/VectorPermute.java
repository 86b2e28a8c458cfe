package tangram.tensor.vector.layout;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.VectorTiles;
import tangram.tensor.vector.runtime.VectorTranspose;

/**
 * A permutation of dimensions, reduced to its essence: dimensions of size 1 are dropped and those
 * that stay neighbours are merged. What is left is either a copy of blocks, if the innermost
 * dimension stays where it is, or a set of transpositions of matrices.
 */
final class VectorPermute {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Longer blocks are left to the library's copy. */
  private static final int LONG = 256;

  /** Extents of the inner dimensions of the output that a task works on as a matrix. */
  private final int rows;

  private final int cols;

  /** Distances in x and y between rows of the matrix; columns of x are transposed or contiguous. */
  private final int xRow;

  private final int yRow;

  /** Distance in x between the elements of a row of y: 1 for a copy of blocks. */
  private final int xCol;

  /** The other dimensions, outermost first, with their distances. */
  private final int[] outer;

  private final int[] xOuter;
  private final int[] yOuter;

  private VectorPermute(int[] size, int[] xs, int[] ys, int row, int col) {
    rows = row < 0 ? 1 : size[row];
    xRow = row < 0 ? 0 : xs[row];
    yRow = row < 0 ? 0 : ys[row];
    cols = size[col];
    xCol = xs[col];
    int count = size.length - (row < 0 ? 1 : 2);
    outer = new int[count];
    xOuter = new int[count];
    yOuter = new int[count];
    int k = 0;
    for (int d = 0; d < size.length; d++) {
      if (d != row && d != col) {
        outer[k] = size[d];
        xOuter[k] = xs[d];
        yOuter[k++] = ys[d];
      }
    }
  }

  /**
   * Plans a permutation.
   *
   * @param shape dimensions of x
   * @param perm dimension d of y is dimension perm[d] of x
   */
  static VectorPermute of(int[] shape, int[] perm) {
    int rank = shape.length;
    int[] stride = new int[rank];
    int all = 1;
    for (int d = rank - 1; d >= 0; d--) {
      stride[d] = all;
      all *= shape[d];
    }
    int[] size = new int[rank + 1];
    int[] xs = new int[rank + 1];
    int n = 0;
    for (int d = 0; d < rank; d++) {
      int extent = shape[perm[d]];
      int step = stride[perm[d]];
      if (extent == 1) {
        continue;
      }
      if (n > 0 && xs[n - 1] == step * extent) {
        size[n - 1] *= extent;
        xs[n - 1] = step;
      } else {
        size[n] = extent;
        xs[n++] = step;
      }
    }
    if (n == 0) {
      size[0] = 1;
      xs[n++] = 1;
    }
    size = Arrays.copyOf(size, n);
    int[] ys = new int[n];
    int step = 1;
    for (int d = n - 1; d >= 0; d--) {
      ys[d] = step;
      step *= size[d];
    }
    int row = n - 2;
    if (xs[n - 1] != 1) {
      for (row = 0; xs[row] != 1; ) {
        row++;
      }
    }
    return new VectorPermute(size, xs, ys, row, n - 1);
  }

  /** Permutes the elements from xo on into y from yo on. */
  void run(float[] x, int xo, float[] y, int yo) {
    int count = 1;
    for (int extent : outer) {
      count *= extent;
    }
    if ((long) rows * cols * count == 0) {
      return;
    }
    // A task is a few whole matrices, or a band of a large one, of rows or of columns.
    if (rows == 1) {
      int width = VectorTiles.ELEMENTS;
      tasks(x, xo, y, yo, count, 1, Math.min(cols, width));
    } else if (xCol == 1) {
      tasks(x, xo, y, yo, count, Math.min(rows, VectorTiles.items(cols)), cols);
    } else if (rows >= cols) {
      int height = Math.max(16, VectorTiles.items(cols) / 16 * 16);
      tasks(x, xo, y, yo, count, Math.min(rows, height), cols);
    } else {
      int width = Math.max(16, VectorTiles.items(rows) / 16 * 16);
      tasks(x, xo, y, yo, count, rows, Math.min(cols, width));
    }
  }

  private void tasks(float[] x, int xo, float[] y, int yo, int count, int height, int width) {
    int down = VectorTiles.count(rows, height);
    int across = VectorTiles.count(cols, width);
    VectorTiles.run(
        count * down * across,
        VectorTiles.items((long) height * width),
        (from, to) -> {
          for (int t = from; t < to; t++) {
            int band = t / across;
            int matrix = band / down;
            int i = (band - matrix * down) * height;
            int j = (t - band * across) * width;
            int xi = xo + i * xRow + j * xCol;
            int yi = yo + i * yRow + j;
            int rest = matrix;
            for (int d = outer.length - 1; d >= 0; d--) {
              int q = rest / outer[d];
              int r = rest - q * outer[d];
              xi += r * xOuter[d];
              yi += r * yOuter[d];
              rest = q;
            }
            int n = Math.min(height, rows - i);
            int m = Math.min(width, cols - j);
            if (xCol == 1) {
              copy(x, xi, xRow, y, yi, yRow, n, m);
            } else {
              VectorTranspose.transpose(x, xi, xCol, y, yi, yRow, n, m);
            }
          }
        });
  }

  private static void copy(
      float[] x, int xo, int xRow, float[] y, int yo, int yRow, int rows, int cols) {
    if (cols >= LONG) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(x, xo + i * xRow, y, yo + i * yRow, cols);
      }
      return;
    }
    for (int i = 0; i < rows; i++) {
      int from = xo + i * xRow;
      int to = yo + i * yRow;
      int j = 0;
      for (; j < S.loopBound(cols); j += LANES) {
        FloatVector.fromArray(S, x, from + j).intoArray(y, to + j);
      }
      for (; j < cols; j++) {
        y[to + j] = x[from + j];
      }
    }
  }
}
