package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposition of a matrix in blocks of 8 x 8 that stay in registers: three rounds in which rows
 * 4, 2 and 1 apart exchange halves, quarters and single elements (Eklundh 1972).
 *
 * <p>Blocks are visited in groups of 16 x 16, so that whole cache lines are used on both sides even
 * where the distance between rows, often a power of two, lets only a few lines survive in the
 * cache.
 */
public final class VectorTranspose {
  private static final VectorSpecies<Float> S8 = FloatVector.SPECIES_256;

  /** Emulating wider vectors than the machine's would be slow. */
  private static final boolean WIDE = FloatVector.SPECIES_PREFERRED.length() >= 8;

  private static final VectorShuffle<Float> BY4 = rotation(4);
  private static final VectorShuffle<Float> BY2 = rotation(2);
  private static final VectorShuffle<Float> BY1 = rotation(1);
  private static final VectorShuffle<Float> BACK2 = rotation(6);
  private static final VectorShuffle<Float> BACK1 = rotation(7);
  private static final VectorMask<Float> UPPER4 = VectorMask.fromLong(S8, 0b11110000);
  private static final VectorMask<Float> UPPER2 = VectorMask.fromLong(S8, 0b11001100);
  private static final VectorMask<Float> UPPER1 = VectorMask.fromLong(S8, 0b10101010);

  private VectorTranspose() {}

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(S8, i -> (i + by) & 7);
  }

  /**
   * {@code y[i * yRow + j] = x[i + j * xCol]} for i below n and j below m.
   *
   * @param xCol distance in x between the elements of a row of y
   * @param yRow distance between rows of y
   */
  public static void transpose(
      float[] x, int xo, int xCol, float[] y, int yo, int yRow, int n, int m) {
    int n8 = WIDE ? n & -8 : 0;
    int m8 = WIDE ? m & -8 : 0;
    for (int i = 0; i < n8; i += 16) {
      int iEnd = Math.min(n8, i + 16);
      for (int j = 0; j < m8; j += 16) {
        int jEnd = Math.min(m8, j + 16);
        for (int ib = i; ib < iEnd; ib += 8) {
          for (int jb = j; jb < jEnd; jb += 8) {
            block(x, xo + ib + jb * xCol, xCol, y, yo + ib * yRow + jb, yRow);
          }
        }
      }
    }
    rest(x, xo, xCol, y, yo, yRow, 0, n8, m8, m);
    rest(x, xo, xCol, y, yo, yRow, n8, n, 0, m);
  }

  /** Rows i0 to i1 of y, columns j0 to j1, in blocks that keep the lines of x in the cache. */
  private static void rest(
      float[] x, int xo, int xCol, float[] y, int yo, int yRow, int i0, int i1, int j0, int j1) {
    for (int j = j0; j < j1; j += 16) {
      int end = Math.min(j1, j + 16);
      for (int i = i0; i < i1; i++) {
        int from = xo + i;
        int to = yo + i * yRow;
        for (int k = j; k < end; k++) {
          y[to + k] = x[from + k * xCol];
        }
      }
    }
  }

  private static void block(float[] x, int xo, int xCol, float[] y, int yo, int yRow) {
    FloatVector r0 = FloatVector.fromArray(S8, x, xo);
    FloatVector r1 = FloatVector.fromArray(S8, x, xo + xCol);
    FloatVector r2 = FloatVector.fromArray(S8, x, xo + 2 * xCol);
    FloatVector r3 = FloatVector.fromArray(S8, x, xo + 3 * xCol);
    FloatVector r4 = FloatVector.fromArray(S8, x, xo + 4 * xCol);
    FloatVector r5 = FloatVector.fromArray(S8, x, xo + 5 * xCol);
    FloatVector r6 = FloatVector.fromArray(S8, x, xo + 6 * xCol);
    FloatVector r7 = FloatVector.fromArray(S8, x, xo + 7 * xCol);

    FloatVector a0 = r0.blend(r4.rearrange(BY4), UPPER4);
    FloatVector a4 = r0.rearrange(BY4).blend(r4, UPPER4);
    FloatVector a1 = r1.blend(r5.rearrange(BY4), UPPER4);
    FloatVector a5 = r1.rearrange(BY4).blend(r5, UPPER4);
    FloatVector a2 = r2.blend(r6.rearrange(BY4), UPPER4);
    FloatVector a6 = r2.rearrange(BY4).blend(r6, UPPER4);
    FloatVector a3 = r3.blend(r7.rearrange(BY4), UPPER4);
    FloatVector a7 = r3.rearrange(BY4).blend(r7, UPPER4);

    FloatVector b0 = a0.blend(a2.rearrange(BACK2), UPPER2);
    FloatVector b2 = a0.rearrange(BY2).blend(a2, UPPER2);
    FloatVector b1 = a1.blend(a3.rearrange(BACK2), UPPER2);
    FloatVector b3 = a1.rearrange(BY2).blend(a3, UPPER2);
    FloatVector b4 = a4.blend(a6.rearrange(BACK2), UPPER2);
    FloatVector b6 = a4.rearrange(BY2).blend(a6, UPPER2);
    FloatVector b5 = a5.blend(a7.rearrange(BACK2), UPPER2);
    FloatVector b7 = a5.rearrange(BY2).blend(a7, UPPER2);

    b0.blend(b1.rearrange(BACK1), UPPER1).intoArray(y, yo);
    b0.rearrange(BY1).blend(b1, UPPER1).intoArray(y, yo + yRow);
    b2.blend(b3.rearrange(BACK1), UPPER1).intoArray(y, yo + 2 * yRow);
    b2.rearrange(BY1).blend(b3, UPPER1).intoArray(y, yo + 3 * yRow);
    b4.blend(b5.rearrange(BACK1), UPPER1).intoArray(y, yo + 4 * yRow);
    b4.rearrange(BY1).blend(b5, UPPER1).intoArray(y, yo + 5 * yRow);
    b6.blend(b7.rearrange(BACK1), UPPER1).intoArray(y, yo + 6 * yRow);
    b6.rearrange(BY1).blend(b7, UPPER1).intoArray(y, yo + 7 * yRow);
  }
}
