package tangram.tensor.vector.attention;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.gemm.Gemm;

/**
 * Products of matrices so small that they stay in the nearest caches, where packing them as {@link
 * Gemm} does would cost more than it gains.
 */
final class VectorSmallProduct {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** What a sum starts from that does not continue one. */
  private static final float[] ZEROS = new float[2 * LANES];

  private VectorSmallProduct() {}

  /**
   * {@code c[i, j] = sum over k of a[i, k] b[k, j]}, or that added to c. A may lie in any order, so
   * it may be transposed by its distances; rows of b and c are contiguous.
   *
   * @param n a multiple of the lanes of a vector
   * @param aRow distance between rows of A
   * @param aCol distance between columns of A
   * @param bRow distance between rows of B
   * @param cRow distance between rows of C
   * @param add whether to add to c
   */
  static void multiply(
      int m,
      int n,
      int kn,
      float[] a,
      int ao,
      int aRow,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      float[] c,
      int co,
      int cRow,
      boolean add) {
    float[] s = add ? c : ZEROS;
    int sRow = add ? cRow : 0;
    // A strip of B stays in the first-level cache while A goes by.
    int j = 0;
    for (; j <= n - 2 * LANES; j += 2 * LANES) {
      int i = 0;
      for (; i <= m - 4; i += 4) {
        int ci = co + i * cRow + j;
        int si = add ? ci : 0;
        tile4x2(kn, a, ao + i * aRow, aRow, aCol, b, bo + j, bRow, c, ci, cRow, s, si, sRow);
      }
      for (; i < m; i++) {
        int ci = co + i * cRow + j;
        tile1x2(kn, a, ao + i * aRow, aCol, b, bo + j, bRow, c, ci, s, add ? ci : 0);
      }
    }
    for (; j < n; j += LANES) {
      int i = 0;
      for (; i <= m - 4; i += 4) {
        int ci = co + i * cRow + j;
        int si = add ? ci : 0;
        tile4x1(kn, a, ao + i * aRow, aRow, aCol, b, bo + j, bRow, c, ci, cRow, s, si, sRow);
      }
      for (; i < m; i++) {
        int ci = co + i * cRow + j;
        tile1x1(kn, a, ao + i * aRow, aCol, b, bo + j, bRow, c, ci, s, add ? ci : 0);
      }
    }
  }

  private static void tile4x2(
      int kn,
      float[] a,
      int ao,
      int aRow,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      float[] c,
      int co,
      int cRow,
      float[] s,
      int so,
      int sRow) {
    FloatVector c00 = FloatVector.fromArray(S, s, so);
    FloatVector c01 = FloatVector.fromArray(S, s, so + LANES);
    FloatVector c10 = FloatVector.fromArray(S, s, so + sRow);
    FloatVector c11 = FloatVector.fromArray(S, s, so + sRow + LANES);
    FloatVector c20 = FloatVector.fromArray(S, s, so + 2 * sRow);
    FloatVector c21 = FloatVector.fromArray(S, s, so + 2 * sRow + LANES);
    FloatVector c30 = FloatVector.fromArray(S, s, so + 3 * sRow);
    FloatVector c31 = FloatVector.fromArray(S, s, so + 3 * sRow + LANES);
    for (int k = 0; k < kn; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + LANES);
      FloatVector a0 = FloatVector.broadcast(S, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(S, a[ao + aRow]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(S, a[ao + 2 * aRow]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(S, a[ao + 3 * aRow]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      ao += aCol;
      bo += bRow;
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + LANES);
    c10.intoArray(c, co + cRow);
    c11.intoArray(c, co + cRow + LANES);
    c20.intoArray(c, co + 2 * cRow);
    c21.intoArray(c, co + 2 * cRow + LANES);
    c30.intoArray(c, co + 3 * cRow);
    c31.intoArray(c, co + 3 * cRow + LANES);
  }

  private static void tile4x1(
      int kn,
      float[] a,
      int ao,
      int aRow,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      float[] c,
      int co,
      int cRow,
      float[] s,
      int so,
      int sRow) {
    FloatVector c0 = FloatVector.fromArray(S, s, so);
    FloatVector c1 = FloatVector.fromArray(S, s, so + sRow);
    FloatVector c2 = FloatVector.fromArray(S, s, so + 2 * sRow);
    FloatVector c3 = FloatVector.fromArray(S, s, so + 3 * sRow);
    for (int k = 0; k < kn; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo);
      c0 = b0.fma(FloatVector.broadcast(S, a[ao]), c0);
      c1 = b0.fma(FloatVector.broadcast(S, a[ao + aRow]), c1);
      c2 = b0.fma(FloatVector.broadcast(S, a[ao + 2 * aRow]), c2);
      c3 = b0.fma(FloatVector.broadcast(S, a[ao + 3 * aRow]), c3);
      ao += aCol;
      bo += bRow;
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + cRow);
    c2.intoArray(c, co + 2 * cRow);
    c3.intoArray(c, co + 3 * cRow);
  }

  private static void tile1x2(
      int kn,
      float[] a,
      int ao,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      float[] c,
      int co,
      float[] s,
      int so) {
    FloatVector c0 = FloatVector.fromArray(S, s, so);
    FloatVector c1 = FloatVector.fromArray(S, s, so + LANES);
    for (int k = 0; k < kn; k++) {
      FloatVector x = FloatVector.broadcast(S, a[ao]);
      c0 = x.fma(FloatVector.fromArray(S, b, bo), c0);
      c1 = x.fma(FloatVector.fromArray(S, b, bo + LANES), c1);
      ao += aCol;
      bo += bRow;
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + LANES);
  }

  private static void tile1x1(
      int kn,
      float[] a,
      int ao,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      float[] c,
      int co,
      float[] s,
      int so) {
    FloatVector c0 = FloatVector.fromArray(S, s, so);
    for (int k = 0; k < kn; k++) {
      c0 = FloatVector.fromArray(S, b, bo).fma(FloatVector.broadcast(S, a[ao]), c0);
      ao += aCol;
      bo += bRow;
    }
    c0.intoArray(c, co);
  }
}
