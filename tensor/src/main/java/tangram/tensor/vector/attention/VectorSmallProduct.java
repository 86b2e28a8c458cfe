package tangram.tensor.vector.attention;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.gemm.Gemm;

/**
 * Products of matrices so small that they stay in the first-level cache, where packing them as
 * {@link Gemm} does would cost more than it gains.
 */
final class VectorSmallProduct {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorSmallProduct() {}

  /**
   * {@code c[i, j] = sum over k of a[i, k] b[k, j]}. A may lie in any order, so it may be
   * transposed by its distances; rows of b and c are contiguous.
   *
   * @param aRow distance between rows of A
   * @param aCol distance between columns of A
   * @param bRow distance between rows of B
   * @param cRow distance between rows of C
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
      int cRow) {
    int n1 = S.loopBound(n);
    int n2 = n - n % (2 * LANES);
    int i = 0;
    for (; i <= m - 4; i += 4) {
      int ai = ao + i * aRow;
      int ci = co + i * cRow;
      for (int j = 0; j < n2; j += 2 * LANES) {
        tile4x2(kn, a, ai, aRow, aCol, b, bo + j, bRow, c, ci + j, cRow);
      }
      for (int j = n2; j < n1; j += LANES) {
        tile4x1(kn, a, ai, aRow, aCol, b, bo + j, bRow, c, ci + j, cRow);
      }
    }
    for (; i < m; i++) {
      for (int j = 0; j < n1; j += LANES) {
        tile1x1(kn, a, ao + i * aRow, aCol, b, bo + j, bRow, c, co + i * cRow + j);
      }
    }
    for (int j = n1; j < n; j++) {
      for (i = 0; i < m; i++) {
        float s = 0;
        for (int k = 0; k < kn; k++) {
          s = Math.fma(a[ao + i * aRow + k * aCol], b[bo + k * bRow + j], s);
        }
        c[co + i * cRow + j] = s;
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
      int cRow) {
    FloatVector c00 = FloatVector.zero(S);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
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
      int cRow) {
    FloatVector c0 = FloatVector.zero(S);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
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

  private static void tile1x1(
      int kn, float[] a, int ao, int aCol, float[] b, int bo, int bRow, float[] c, int co) {
    FloatVector s = FloatVector.zero(S);
    for (int k = 0; k < kn; k++) {
      s = FloatVector.fromArray(S, b, bo).fma(FloatVector.broadcast(S, a[ao]), s);
      ao += aCol;
      bo += bRow;
    }
    s.intoArray(c, co);
  }
}
