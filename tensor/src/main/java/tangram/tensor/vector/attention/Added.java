package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;

/**
 * A bias or mask that is added to scores, which lie transposed: [key, query]. What several
 * attentions share is transposed once if it is small, as with windows of a picture.
 */
final class Added {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Elements that are transposed once at most. */
  private static final int SMALL = 1 << 20;

  private final View view;
  private final int queries;
  private final int keys;

  /** Matrices that differ. */
  private final int distinct;

  /** Where transposed matrices lie; null if they are not transposed once. */
  private float[] turned;

  private int turnedAt;

  Added(View view, AttentionOperands operands) {
    this.view = view;
    queries = operands.queries();
    keys = operands.keys();
    int matrices = 1;
    for (int d = 0; view != null && d < view.dims().length - 2; d++) {
      matrices *= view.strides()[d] == 0 ? 1 : view.dims()[d];
    }
    distinct = matrices;
  }

  /** Room for what is transposed once. */
  long room(AttentionOperands operands) {
    long size = (long) distinct * keys * Rows.padded(queries);
    return view == null || distinct == operands.batch() || size > SMALL ? 0 : size;
  }

  /** Transposes all matrices, if there is room for them. */
  void turnAll(float[] work, int at, long room) {
    if (room == 0) {
      return;
    }
    turned = work;
    turnedAt = at;
    int n = Rows.padded(queries);
    int row = AttentionOperands.rowStep(view);
    int col = AttentionOperands.colStep(view);
    for (int m = 0; m < distinct; m++) {
      // The first attention that uses the matrix.
      int place = view.offset();
      int rest = m;
      for (int d = view.dims().length - 3; d >= 0; d--) {
        if (view.strides()[d] != 0) {
          place += rest % view.dims()[d] * view.strides()[d];
          rest /= view.dims()[d];
        }
      }
      Rows.turn(view.buffer().floats(), place, row, col, queries, keys, work, at + m * keys * n, n);
    }
  }

  /** Which of the matrices that differ an attention uses. */
  private int matrix(int attention) {
    int matrix = 0;
    int step = 1;
    int rest = attention;
    for (int d = view.dims().length - 3; d >= 0; d--) {
      int length = view.dims()[d];
      if (view.strides()[d] != 0) {
        matrix += rest % length * step;
        step *= length;
      }
      rest /= length;
    }
    return matrix;
  }

  /**
   * Adds to scores.
   *
   * @param i0 first query
   * @param count queries
   * @param j0 first key
   * @param m keys
   * @param scores where the scores lie, in rows of whole vectors
   * @param to room for as many elements
   */
  void add(int attention, int i0, int count, int j0, int m, float[] work, int scores, int to) {
    if (view == null) {
      return;
    }
    int n = Rows.padded(count);
    if (turned != null) {
      int row = Rows.padded(queries);
      int from = turnedAt + (matrix(attention) * keys + j0) * row + i0;
      addRows(turned, from, row, work, scores, n, m, n);
      return;
    }
    int row = AttentionOperands.rowStep(view);
    int col = AttentionOperands.colStep(view);
    int at = AttentionOperands.begin(view, attention) + i0 * row + j0 * col;
    if (row == 0) {
      // The same for all queries.
      for (int j = 0; j < m; j++) {
        float value = view.buffer().floats()[at + j * col];
        Arrays.fill(work, to + j * n, to + (j + 1) * n, value);
      }
    } else {
      Rows.turn(view.buffer().floats(), at, row, col, count, m, work, to, n);
    }
    addRows(work, to, n, work, scores, n, m, n);
  }

  /** y += x, rows of whole vectors. */
  static void addRows(
      float[] x, int xo, int xRow, float[] y, int yo, int yRow, int rows, int cols) {
    boolean one = xRow == cols && yRow == cols;
    int length = one ? rows * cols : cols;
    for (int r = 0; r < (one ? 1 : rows); r++) {
      int from = xo + r * xRow;
      int to = yo + r * yRow;
      for (int i = 0; i < length; i += LANES) {
        FloatVector.fromArray(S, y, to + i)
            .add(FloatVector.fromArray(S, x, from + i))
            .intoArray(y, to + i);
      }
    }
  }
}
