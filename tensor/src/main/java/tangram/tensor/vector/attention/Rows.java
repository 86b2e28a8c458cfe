package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.vector.runtime.VectorTranspose;

/** Some rows of one attention's part of a view, as the products want them. */
final class Rows {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Elements of a line of the cache. */
  private static final int LINE = 16;

  /** Elements that are fetched at most, a part of the second-level cache. */
  private static final int FETCHED = 1 << 16;

  /** Lines of the first-level cache with different places; each place is for some lines. */
  private static final int PLACES = 64;

  private static final int LINES_OF_A_PLACE = 4;

  /** Holds them. */
  float[] a;

  /** Where the first begins. */
  int at;

  /** Elements from one to the next. */
  int step;

  /** Rounds up to whole vectors. */
  static int padded(int n) {
    return (n + LANES - 1) / LANES * LANES;
  }

  /**
   * Finds rows where they lie if they are whole vectors and fit the first-level cache together,
   * else copies them, followed by zeros up to whole vectors.
   *
   * @param begin where the attention's part of the view begins
   * @param to room for the copy in the work
   */
  void load(View view, int begin, int from, int count, int width, float[] work, int to) {
    int row = AttentionOperands.rowStep(view);
    int col = AttentionOperands.colStep(view);
    float[] x = view.buffer().floats();
    int first = begin + from * row;
    if (col == 1 && width % LANES == 0 && (row == width || spread(row) >= count)) {
      a = x;
      at = first;
      step = row;
      return;
    }
    a = work;
    at = to;
    step = padded(width);
    for (int i = 0; i < count; i++) {
      int source = first + i * row;
      int target = to + i * step;
      if (col == 1) {
        System.arraycopy(x, source, work, target, width);
      } else {
        for (int e = 0; e < width; e++) {
          work[target + e] = x[source + e * col];
        }
      }
      if (width < step) {
        Arrays.fill(work, target + width, target + step, 0);
      }
    }
  }

  /**
   * Reads, in order, the lines that hold the parts of several attentions in turns, as heads of a
   * window do, before the first of them is computed: each alone would take a line here and there,
   * which memory delivers slowly.
   *
   * @return something that depends on what was read
   */
  static int fetch(View view, int attention, int count) {
    int head = view.dims().length - 3;
    if (head < 0) {
      return 0;
    }
    int heads = view.dims()[head];
    int step = view.strides()[head];
    int row = AttentionOperands.rowStep(view);
    long span = (count - 1L) * row + (long) heads * step;
    if (heads == 1 || attention % heads != 0 || step <= 0 || step >= row || span > FETCHED) {
      return 0;
    }
    float[] x = view.buffer().floats();
    int begin = AttentionOperands.begin(view, attention);
    int bits = 0;
    for (int i = begin; i < begin + span; i += LINE) {
      bits += Float.floatToRawIntBits(x[i]);
    }
    return bits;
  }

  /** How many rows of a distance share the cache without driving each other out. */
  private static int spread(int row) {
    int lines = row % LINE == 0 ? row / LINE : 1;
    return LINES_OF_A_PLACE * (PLACES / Math.min(PLACES, Math.max(1, Integer.lowestOneBit(lines))));
  }

  /** Copies rows to the columns of a matrix whose rows are whole vectors, ending with zeros. */
  static void columns(
      View view, int begin, int from, int count, int width, float scale, float[] work, int to) {
    int row = AttentionOperands.rowStep(view);
    int n = padded(count);
    float[] x = view.buffer().floats();
    turn(x, begin + from * row, row, AttentionOperands.colStep(view), count, width, work, to, n);
    for (int e = 0; count < n && e < width; e++) {
      Arrays.fill(work, to + e * n + count, to + (e + 1) * n, 0);
    }
    for (int k = to; scale != 1 && k < to + width * n; k += LANES) {
      FloatVector.fromArray(S, work, k).mul(scale).intoArray(work, k);
    }
  }

  /** {@code y[j, i] = x[i, j]}; rows of y are contiguous. */
  static void turn(
      float[] x, int at, int row, int col, int rows, int cols, float[] y, int yo, int yRow) {
    if (col == 1) {
      VectorTranspose.transpose(x, at, row, y, yo, yRow, cols, rows);
      return;
    }
    for (int j = 0; j < cols; j++) {
      for (int i = 0; i < rows; i++) {
        y[yo + j * yRow + i] = x[at + i * row + j * col];
      }
    }
  }

  /** Copies rows, times a factor, to a view. */
  static void store(
      float[] x, int at, int step, float factor, View view, int begin, int from, int count) {
    int row = AttentionOperands.rowStep(view);
    int col = AttentionOperands.colStep(view);
    int width = view.dims()[view.dims().length - 1];
    float[] y = view.buffer().floats();
    for (int i = 0; i < count; i++) {
      int source = at + i * step;
      int target = begin + (from + i) * row;
      int e = 0;
      for (; col == 1 && e <= width - LANES; e += LANES) {
        FloatVector.fromArray(S, x, source + e).mul(factor).intoArray(y, target + e);
      }
      for (; e < width; e++) {
        y[target + e * col] = x[source + e] * factor;
      }
    }
  }

  /** Copies columns of a matrix to the rows of a view. */
  static void unturn(
      float[] x, int at, int xRow, int cols, int rows, float[] y, int to, int row, int col) {
    if (col == 1) {
      VectorTranspose.transpose(x, at, xRow, y, to, row, rows, cols);
      return;
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        y[to + i * row + j * col] = x[at + j * xRow + i];
      }
    }
  }
}
