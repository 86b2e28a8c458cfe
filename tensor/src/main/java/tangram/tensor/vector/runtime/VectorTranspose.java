package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposition of a matrix in square blocks as wide as a vector, in rounds in which rows 4, 2 and
 * 1 apart exchange halves, quarters and single elements of eight (Eklundh 1972). A vector of 16
 * takes two blocks of eight rows side by side, and one more round of rows 8 apart.
 *
 * <p>Vectors are as wide as everywhere else, never a part of that: where {@link FloatVector} is
 * seen with two shapes, HotSpot no longer keeps the vectors of other loops in registers.
 *
 * <p>Blocks are visited in groups of 16 x 16, so that whole cache lines are used on both sides even
 * where the distance between rows, often a power of two, lets only a few lines survive in the
 * cache.
 */
public final class VectorTranspose {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int VL = SPECIES.length();

  /** The rounds are written for these two. */
  private static final boolean BLOCKS = VL == 8 || VL == 16;

  private static final VectorShuffle<Float> BY4 = rotation(4);
  private static final VectorShuffle<Float> BY2 = rotation(2);
  private static final VectorShuffle<Float> BY1 = rotation(1);
  private static final VectorShuffle<Float> BACK2 = rotation(6);
  private static final VectorShuffle<Float> BACK1 = rotation(7);
  private static final VectorMask<Float> UPPER4 = mask(0b11110000);
  private static final VectorMask<Float> UPPER2 = mask(0b11001100);
  private static final VectorMask<Float> UPPER1 = mask(0b10101010);

  private static final VectorShuffle<Float> EIGHT =
      VectorShuffle.fromOp(SPECIES, i -> (i ^ 8) % VL);
  private static final VectorMask<Float> UPPER8 = VectorMask.fromLong(SPECIES, 0xff00);

  /** Two blocks between the rounds; vectors of eight need none. */
  private static final ThreadLocal<float[]> WORK =
      ThreadLocal.withInitial(() -> new float[VL * VL]);

  private VectorTranspose() {}

  /** Turns every eight lanes. */
  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, i -> (i & -8 | i + by & 7) % VL);
  }

  /** The same eight bits for every eight lanes. */
  private static VectorMask<Float> mask(int bits) {
    return VectorMask.fromLong(SPECIES, bits << 8 | bits);
  }

  /**
   * {@code y[i * yRow + j] = x[i + j * xCol]} for i below n and j below m.
   *
   * @param xCol distance in x between the elements of a row of y
   * @param yRow distance between rows of y
   */
  public static void transpose(
      float[] x, int xo, int xCol, float[] y, int yo, int yRow, int n, int m) {
    int nb = BLOCKS ? n & -VL : 0;
    int mb = BLOCKS ? m & -VL : 0;
    float[] work = VL == 8 || nb == 0 || mb == 0 ? null : WORK.get();
    for (int i = 0; i < nb; i += 16) {
      int iEnd = Math.min(nb, i + 16);
      for (int j = 0; j < mb; j += 16) {
        int jEnd = Math.min(mb, j + 16);
        for (int ib = i; ib < iEnd; ib += VL) {
          for (int jb = j; jb < jEnd; jb += VL) {
            block(x, xo + ib + jb * xCol, xCol, y, yo + ib * yRow + jb, yRow, work);
          }
        }
      }
    }
    rest(x, xo, xCol, y, yo, yRow, 0, nb, mb, m);
    rest(x, xo, xCol, y, yo, yRow, nb, n, 0, m);
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

  private static void block(
      float[] x, int xo, int xCol, float[] y, int yo, int yRow, float[] work) {
    if (VL == 8) {
      eight(x, xo, xCol, y, yo, yRow);
      return;
    }
    eight(x, xo, xCol, work, 0, VL);
    eight(x, xo + 8 * xCol, xCol, work, 8 * VL, VL);
    for (int i = 0; i < 8; i++) {
      FloatVector a = FloatVector.fromArray(SPECIES, work, i * VL);
      FloatVector b = FloatVector.fromArray(SPECIES, work, (i + 8) * VL);
      a.blend(b.rearrange(EIGHT), UPPER8).intoArray(y, yo + i * yRow);
      a.rearrange(EIGHT).blend(b, UPPER8).intoArray(y, yo + (i + 8) * yRow);
    }
  }

  /** Transposes eight rows, every eight of their columns by themselves. */
  private static void eight(float[] x, int xo, int xCol, float[] y, int yo, int yRow) {
    FloatVector r0 = FloatVector.fromArray(SPECIES, x, xo);
    FloatVector r1 = FloatVector.fromArray(SPECIES, x, xo + xCol);
    FloatVector r2 = FloatVector.fromArray(SPECIES, x, xo + 2 * xCol);
    FloatVector r3 = FloatVector.fromArray(SPECIES, x, xo + 3 * xCol);
    FloatVector r4 = FloatVector.fromArray(SPECIES, x, xo + 4 * xCol);
    FloatVector r5 = FloatVector.fromArray(SPECIES, x, xo + 5 * xCol);
    FloatVector r6 = FloatVector.fromArray(SPECIES, x, xo + 6 * xCol);
    FloatVector r7 = FloatVector.fromArray(SPECIES, x, xo + 7 * xCol);

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
