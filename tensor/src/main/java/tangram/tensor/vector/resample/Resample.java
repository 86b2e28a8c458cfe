package tangram.tensor.vector.resample;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Sparse;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Planes times a sparse matrix on either side: for every output row the input rows that it takes
 * are added, whole vectors at a time, and the columns of that line are gathered. Rows that take the
 * same as the one before are copied from it.
 */
final class Resample {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Lanes 0, 0, 1, 1, ...: the first half of a vector, doubled; and the second half. */
  private static final VectorShuffle<Float> FIRST_TWICE = VectorShuffle.fromOp(S, i -> i / 2);

  private static final VectorShuffle<Float> SECOND_TWICE =
      VectorShuffle.fromOp(S, i -> LANES / 2 + i / 2);

  /** Even lanes, then even lanes again; and odd lanes likewise. */
  private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(S, i -> 2 * i % LANES);

  private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(S, i -> 2 * i % LANES + 1);

  private static final VectorMask<Float> SECOND_HALF =
      VectorMask.fromLong(S, -1L << LANES / 2 & ((1L << LANES) - 1));

  /** How a row is made of others. */
  private enum Rows {
    /** As the row before. */
    AS_BEFORE,
    /** One as it is. */
    ONE,
    /** Two, whose columns are added in pairs. */
    BLOCKS,
    /** Any. */
    SUM
  }

  /** What the columns take. */
  private enum Columns {
    /** Each its own. */
    SAME,
    /** Columns 2j and 2j + 1 both column j. */
    DOUBLED,
    /** Column j the sum of 2j and 2j + 1 with one weight. */
    PAIRS,
    /** One each, unchanged. */
    ONE,
    /** An even number each, in the first place one after the other, then the second. */
    FEW,
    /** Any number. */
    ANY
  }

  private final int planes;
  private final Sparse rows;
  private final Sparse cols;
  private final int in;
  private final int out;

  /** Elements of the matrices; null of an identity. */
  private final int[] rowStart;

  private final int[] rowColumn;
  private final float[] rowWeight;
  private final int[] colStart;
  private final int[] colColumn;
  private final float[] colWeight;
  private final Columns columns;

  /** Elements of each column, of an even number, and these by place. */
  private int taps;

  private int[] fewColumns;
  private float[] fewWeights;

  Resample(int planes, Sparse rows, Sparse cols) {
    this.planes = planes;
    this.rows = rows;
    this.cols = cols;
    this.in = cols.cols();
    this.out = cols.rows();
    this.rowStart = rows.isIdentity() ? null : integers(rows.start());
    this.rowColumn = rows.isIdentity() ? null : integers(rows.column());
    this.rowWeight = rows.isIdentity() ? null : reals(rows.weight());
    this.colStart = cols.isIdentity() ? null : integers(cols.start());
    this.colColumn = cols.isIdentity() ? null : integers(cols.column());
    this.colWeight = cols.isIdentity() ? null : reals(cols.weight());
    this.columns = cols.isIdentity() ? Columns.SAME : columns();
    if (columns == Columns.FEW) {
      spread();
    }
  }

  private static int[] integers(Buffer b) {
    return Arrays.copyOfRange(b.ints(), b.offset(), b.offset() + b.length());
  }

  private static float[] reals(Buffer b) {
    return Arrays.copyOfRange(b.floats(), b.offset(), b.offset() + b.length());
  }

  private Columns columns() {
    int most = 0;
    int least = Integer.MAX_VALUE;
    for (int j = 0; j < out; j++) {
      most = Math.max(most, colStart[j + 1] - colStart[j]);
      least = Math.min(least, colStart[j + 1] - colStart[j]);
    }
    boolean doubled = most == 1 && least == 1 && out == 2 * in;
    boolean ones = most == 1 && least == 1;
    boolean pairs = most == 2 && least == 2 && in == 2 * out;
    for (int e = 0; e < colColumn.length; e++) {
      ones &= colWeight[e] == 1;
      doubled &= colColumn[e] == e / 2;
      pairs &= colColumn[e] == e && colWeight[e] == colWeight[0];
    }
    if (ones) {
      return doubled ? Columns.DOUBLED : Columns.ONE;
    }
    if (pairs) {
      return Columns.PAIRS;
    }
    taps = (most + 1) / 2 * 2;
    return least > 0 && (long) taps * out <= 2L * colColumn.length + out
        ? Columns.FEW
        : Columns.ANY;
  }

  /** The columns' elements by place; where there are fewer, the last is halved, which is exact. */
  private void spread() {
    fewColumns = new int[taps * out];
    fewWeights = new float[taps * out];
    for (int j = 0; j < out; j++) {
      int count = colStart[j + 1] - colStart[j];
      for (int t = 0; t < taps; t++) {
        int e = colStart[j] + Math.min(t, count - 1);
        boolean last = t >= count - 1;
        int halvings = last ? Math.min(t - count + 2, taps - count) : 0;
        fewColumns[t * out + j] = colColumn[e];
        fewWeights[t * out + j] = Math.scalb(colWeight[e], -halvings);
      }
    }
  }

  private void gatherTwo(float[] x, int xo, int tap, boolean more, float[] y, int to) {
    int[] column = fewColumns;
    float[] weight = fewWeights;
    int next = tap + out;
    for (int j = 0; j < out; j++) {
      float v =
          weight[tap + j] * x[xo + column[tap + j]] + weight[next + j] * x[xo + column[next + j]];
      y[to + j] = more ? y[to + j] + v : v;
    }
  }

  void run(float[] x, int xo, float[] y, int yo) {
    Rows[] kinds = rowKinds();
    int outRows = rows.rows();
    long adds = rowColumn == null ? 1 : 1 + rowColumn.length / Math.max(1, outRows);
    VectorTiles.run(
        planes * outRows,
        VectorTiles.items(in * adds + (colColumn == null ? out : out + colColumn.length)),
        (from, to) -> {
          float[] line = Scratch.floats(Scratch.SMALL, in);
          for (int r = from; r < to; r++) {
            int i = r % outRows;
            int target = yo + r * out;
            int plane = xo + r / outRows * rows.cols() * in;
            switch (kinds[i]) {
              case AS_BEFORE -> {
                if (r > from) {
                  System.arraycopy(y, target - out, y, target, out);
                } else {
                  row(x, plane, i, line, y, target);
                }
              }
              case ONE -> {
                int at = plane + (rowColumn == null ? i : rowColumn[rowStart[i]]) * in;
                columns(x, at, y, target);
              }
              case BLOCKS -> blocks(x, plane, rowStart[i], y, target);
              case SUM -> row(x, plane, i, line, y, target);
            }
          }
        });
  }

  private void row(float[] x, int plane, int i, float[] line, float[] y, int target) {
    if (columns == Columns.SAME) {
      line(x, plane, i, y, target);
    } else {
      line(x, plane, i, line, 0);
      columns(line, 0, y, target);
    }
  }

  /** Whether a row takes the same as the one before. */
  private boolean isAsBefore(int i) {
    int a = rowStart[i - 1];
    int b = rowStart[i];
    boolean same = rowStart[i + 1] - b == b - a;
    for (int e = 0; same && e < b - a; e++) {
      same = rowColumn[a + e] == rowColumn[b + e] && rowWeight[a + e] == rowWeight[b + e];
    }
    return same;
  }

  /** How each row is made of others. */
  private Rows[] rowKinds() {
    Rows[] kinds = new Rows[rows.rows()];
    for (int i = 0; i < kinds.length; i++) {
      int count = rowStart == null ? 1 : rowStart[i + 1] - rowStart[i];
      boolean one = rowStart == null || count == 1 && rowWeight[rowStart[i]] == 1;
      if (rowStart != null && i > 0 && isAsBefore(i)) {
        kinds[i] = Rows.AS_BEFORE;
      } else if (one) {
        kinds[i] = Rows.ONE;
      } else {
        kinds[i] = columns == Columns.PAIRS && count == 2 ? Rows.BLOCKS : Rows.SUM;
      }
    }
    return kinds;
  }

  /** The sum of the rows that row i takes, two at a time. */
  private void line(float[] x, int plane, int i, float[] y, int to) {
    int first = rowStart[i];
    int end = rowStart[i + 1];
    if (first == end) {
      Arrays.fill(y, to, to + in, 0);
    }
    for (int e = first; e < end; e += 2) {
      int a = plane + rowColumn[e] * in;
      float wa = rowWeight[e];
      if (e + 1 == end) {
        addOne(x, a, wa, e > first, y, to);
      } else {
        int b = plane + rowColumn[e + 1] * in;
        addTwo(x, a, wa, b, rowWeight[e + 1], e > first, y, to);
      }
    }
  }

  private void addOne(float[] x, int a, float wa, boolean more, float[] y, int to) {
    int j = 0;
    for (; j < S.loopBound(in); j += LANES) {
      FloatVector v = FloatVector.fromArray(S, x, a + j).mul(wa);
      (more ? v.add(FloatVector.fromArray(S, y, to + j)) : v).intoArray(y, to + j);
    }
    for (; j < in; j++) {
      float v = wa * x[a + j];
      y[to + j] = more ? v + y[to + j] : v;
    }
  }

  private void addTwo(
      float[] x, int a, float wa, int b, float wb, boolean more, float[] y, int to) {
    int j = 0;
    for (; j < S.loopBound(in); j += LANES) {
      FloatVector v =
          FloatVector.fromArray(S, x, a + j)
              .mul(wa)
              .add(FloatVector.fromArray(S, x, b + j).mul(wb));
      (more ? v.add(FloatVector.fromArray(S, y, to + j)) : v).intoArray(y, to + j);
    }
    for (; j < in; j++) {
      float v = wa * x[a + j] + wb * x[b + j];
      y[to + j] = more ? v + y[to + j] : v;
    }
  }

  private void columns(float[] line, int from, float[] y, int to) {
    switch (columns) {
      case SAME -> System.arraycopy(line, from, y, to, out);
      case DOUBLED -> twice(line, from, y, to);
      case PAIRS -> pairs(line, from, y, to);
      case ONE -> {
        for (int j = 0; j < out; j++) {
          y[to + j] = line[from + colColumn[j]];
        }
      }
      case FEW -> {
        for (int t = 0; t < taps; t += 2) {
          gatherTwo(line, from, t * out, t > 0, y, to);
        }
      }
      case ANY -> {
        for (int j = 0; j < out; j++) {
          float sum = 0;
          for (int e = colStart[j]; e < colStart[j + 1]; e++) {
            sum += colWeight[e] * line[from + colColumn[e]];
          }
          y[to + j] = sum;
        }
      }
    }
  }

  private void twice(float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (; i < S.loopBound(in); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      v.rearrange(FIRST_TWICE).intoArray(y, yo + 2 * i);
      v.rearrange(SECOND_TWICE).intoArray(y, yo + 2 * i + LANES);
    }
    for (; i < in; i++) {
      y[yo + 2 * i] = x[xo + i];
      y[yo + 2 * i + 1] = x[xo + i];
    }
  }

  private void pairs(float[] x, int xo, float[] y, int yo) {
    float w = colWeight[0];
    int i = 0;
    for (; i < S.loopBound(out); i += LANES) {
      FloatVector a = FloatVector.fromArray(S, x, xo + 2 * i);
      FloatVector b = FloatVector.fromArray(S, x, xo + 2 * i + LANES);
      FloatVector even = a.rearrange(EVEN).blend(b.rearrange(EVEN), SECOND_HALF);
      FloatVector odd = a.rearrange(ODD).blend(b.rearrange(ODD), SECOND_HALF);
      even.add(odd).mul(w).intoArray(y, yo + i);
    }
    for (; i < out; i++) {
      y[yo + i] = (x[xo + 2 * i] + x[xo + 2 * i + 1]) * w;
    }
  }

  /**
   * As {@link #pairs}, of the two rows that begin with an element: one pass over blocks of 2 x 2.
   */
  private void blocks(float[] x, int plane, int e, float[] y, int yo) {
    int upper = plane + rowColumn[e] * in;
    int lower = plane + rowColumn[e + 1] * in;
    float wu = rowWeight[e] * colWeight[0];
    float wl = rowWeight[e + 1] * colWeight[0];
    FloatVector vu = FloatVector.broadcast(S, wu);
    FloatVector vl = FloatVector.broadcast(S, wl);
    int i = 0;
    for (; i < S.loopBound(out); i += LANES) {
      FloatVector a =
          FloatVector.fromArray(S, x, upper + 2 * i)
              .mul(vu)
              .add(FloatVector.fromArray(S, x, lower + 2 * i).mul(vl));
      FloatVector b =
          FloatVector.fromArray(S, x, upper + 2 * i + LANES)
              .mul(vu)
              .add(FloatVector.fromArray(S, x, lower + 2 * i + LANES).mul(vl));
      FloatVector even = a.rearrange(EVEN).blend(b.rearrange(EVEN), SECOND_HALF);
      FloatVector odd = a.rearrange(ODD).blend(b.rearrange(ODD), SECOND_HALF);
      even.add(odd).intoArray(y, yo + i);
    }
    for (; i < out; i++) {
      float even = wu * x[upper + 2 * i] + wl * x[lower + 2 * i];
      y[yo + i] = even + (wu * x[upper + 2 * i + 1] + wl * x[lower + 2 * i + 1]);
    }
  }
}
