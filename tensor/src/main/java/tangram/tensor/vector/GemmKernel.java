package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products: a tile of C held in registers while one column of A and
 * one row of B after the other are multiplied into it.
 *
 * <p>A comes as panels of {@link #MR} rows, [k][MR], B as panels of {@link #NR} columns, [k][NR].
 * With 512-bit vectors (32 registers) a tile is 8 x 32: 16 accumulators, two vectors of B, one
 * broadcast of A. With narrower vectors it is 4 x 2 vectors, which fits the 16 registers of AVX2;
 * taller tiles are faster there only until the compiler spills an accumulator, which halves the
 * speed. The accumulators are written out one by one because vectors must stay in local variables,
 * and the offset into B drives the loop because that keeps range checks and spills out of it.
 *
 * <p>Every element of C is one chain of fused multiply-adds in the order of k, whichever tile or
 * tail computes it.
 */
final class GemmKernel {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Lanes of a vector. */
  static final int VL = SPECIES.length();

  /** Rows of a register tile. */
  static final int MR = VL >= 16 ? 8 : 4;

  /** Columns of a register tile. */
  static final int NR = 2 * VL;

  private GemmKernel() {}

  /** Rows of the panel that starts at row {@code i0} of {@code m}: {@link #MR}, or 4 at the end. */
  static int panelRows(int m, int i0) {
    return m - i0 <= 4 ? 4 : MR;
  }

  /** Rows of all panels of a matrix with {@code m} rows. */
  static int paddedRows(int m) {
    return (m + 3) / 4 * 4;
  }

  /**
   * Multiplies one panel of A with up to {@link #NR} columns of B into a tile of C.
   *
   * <p>Tiles that reach beyond the matrix go through {@code edge}.
   *
   * @param rows valid rows, at most the panel's
   * @param panelRows rows the panel of A is packed for, 4 or {@link #MR}
   * @param cols valid columns, at most {@link #NR}
   * @param ldb distance between rows of B; all {@link #NR} values of a row must be readable
   * @param init with {@code accumulate} unset, C starts from {@code init[initOff + row]}
   * @param accumulate whether to add to C
   * @param edge room for MR * NR values
   */
  static void tile(
      int kc,
      int rows,
      int panelRows,
      int cols,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate,
      float[] edge) {
    if (rows == panelRows && cols == NR) {
      fullTile(kc, panelRows, a, ao, b, bo, ldb, c, co, ldc, init, initOff, accumulate);
      return;
    }
    if (accumulate) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(c, co + i * ldc, edge, i * NR, cols);
      }
    }
    fullTile(kc, panelRows, a, ao, b, bo, ldb, edge, 0, NR, init, initOff, accumulate);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
    }
  }

  /** A tile all of whose rows and columns may be written. */
  static void fullTile(
      int kc,
      int panelRows,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    if (panelRows == 8) {
      tile8(kc, a, ao, b, bo, ldb, c, co, ldc, init, initOff, accumulate);
    } else {
      tile4(kc, a, ao, b, bo, ldb, c, co, ldc, init, initOff, accumulate);
    }
  }

  /** As {@link #fullTile}, for a tile of a single vector of columns. */
  static void narrowTile(
      int kc,
      int panelRows,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    if (panelRows == 8) {
      narrow8(kc, a, ao, b, bo, ldb, c, co, ldc, init, initOff, accumulate);
    } else {
      narrow4(kc, a, ao, b, bo, ldb, c, co, ldc, init, initOff, accumulate);
    }
  }

  private static void tile8(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    FloatVector c00 = start(c, co + 0 * ldc, init, initOff + 0, accumulate);
    FloatVector c01 = start(c, co + 0 * ldc + VL, init, initOff + 0, accumulate);
    FloatVector c10 = start(c, co + 1 * ldc, init, initOff + 1, accumulate);
    FloatVector c11 = start(c, co + 1 * ldc + VL, init, initOff + 1, accumulate);
    FloatVector c20 = start(c, co + 2 * ldc, init, initOff + 2, accumulate);
    FloatVector c21 = start(c, co + 2 * ldc + VL, init, initOff + 2, accumulate);
    FloatVector c30 = start(c, co + 3 * ldc, init, initOff + 3, accumulate);
    FloatVector c31 = start(c, co + 3 * ldc + VL, init, initOff + 3, accumulate);
    FloatVector c40 = start(c, co + 4 * ldc, init, initOff + 4, accumulate);
    FloatVector c41 = start(c, co + 4 * ldc + VL, init, initOff + 4, accumulate);
    FloatVector c50 = start(c, co + 5 * ldc, init, initOff + 5, accumulate);
    FloatVector c51 = start(c, co + 5 * ldc + VL, init, initOff + 5, accumulate);
    FloatVector c60 = start(c, co + 6 * ldc, init, initOff + 6, accumulate);
    FloatVector c61 = start(c, co + 6 * ldc + VL, init, initOff + 6, accumulate);
    FloatVector c70 = start(c, co + 7 * ldc, init, initOff + 7, accumulate);
    FloatVector c71 = start(c, co + 7 * ldc + VL, init, initOff + 7, accumulate);
    for (int end = ao + kc * 8; ao < end; ao += 8, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector ai = FloatVector.broadcast(SPECIES, a[ao + 0]);
      c00 = ai.fma(b0, c00);
      c01 = ai.fma(b1, c01);
      ai = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = ai.fma(b0, c10);
      c11 = ai.fma(b1, c11);
      ai = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = ai.fma(b0, c20);
      c21 = ai.fma(b1, c21);
      ai = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ai = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
      ai = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = ai.fma(b0, c60);
      c61 = ai.fma(b1, c61);
      ai = FloatVector.broadcast(SPECIES, a[ao + 7]);
      c70 = ai.fma(b0, c70);
      c71 = ai.fma(b1, c71);
    }
    c00.intoArray(c, co + 0 * ldc);
    c01.intoArray(c, co + 0 * ldc + VL);
    c10.intoArray(c, co + 1 * ldc);
    c11.intoArray(c, co + 1 * ldc + VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + VL);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + VL);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + VL);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + VL);
  }

  private static void tile4(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    FloatVector c00 = start(c, co + 0 * ldc, init, initOff + 0, accumulate);
    FloatVector c01 = start(c, co + 0 * ldc + VL, init, initOff + 0, accumulate);
    FloatVector c10 = start(c, co + 1 * ldc, init, initOff + 1, accumulate);
    FloatVector c11 = start(c, co + 1 * ldc + VL, init, initOff + 1, accumulate);
    FloatVector c20 = start(c, co + 2 * ldc, init, initOff + 2, accumulate);
    FloatVector c21 = start(c, co + 2 * ldc + VL, init, initOff + 2, accumulate);
    FloatVector c30 = start(c, co + 3 * ldc, init, initOff + 3, accumulate);
    FloatVector c31 = start(c, co + 3 * ldc + VL, init, initOff + 3, accumulate);
    for (int end = ao + kc * 4; ao < end; ao += 4, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector ai = FloatVector.broadcast(SPECIES, a[ao + 0]);
      c00 = ai.fma(b0, c00);
      c01 = ai.fma(b1, c01);
      ai = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = ai.fma(b0, c10);
      c11 = ai.fma(b1, c11);
      ai = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = ai.fma(b0, c20);
      c21 = ai.fma(b1, c21);
      ai = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
    }
    c00.intoArray(c, co + 0 * ldc);
    c01.intoArray(c, co + 0 * ldc + VL);
    c10.intoArray(c, co + 1 * ldc);
    c11.intoArray(c, co + 1 * ldc + VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
  }

  private static void narrow8(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    FloatVector c00 = start(c, co + 0 * ldc, init, initOff + 0, accumulate);
    FloatVector c10 = start(c, co + 1 * ldc, init, initOff + 1, accumulate);
    FloatVector c20 = start(c, co + 2 * ldc, init, initOff + 2, accumulate);
    FloatVector c30 = start(c, co + 3 * ldc, init, initOff + 3, accumulate);
    FloatVector c40 = start(c, co + 4 * ldc, init, initOff + 4, accumulate);
    FloatVector c50 = start(c, co + 5 * ldc, init, initOff + 5, accumulate);
    FloatVector c60 = start(c, co + 6 * ldc, init, initOff + 6, accumulate);
    FloatVector c70 = start(c, co + 7 * ldc, init, initOff + 7, accumulate);
    for (int end = ao + kc * 8; ao < end; ao += 8, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector ai = FloatVector.broadcast(SPECIES, a[ao + 0]);
      c00 = ai.fma(b0, c00);
      ai = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = ai.fma(b0, c10);
      ai = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = ai.fma(b0, c20);
      ai = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = ai.fma(b0, c30);
      ai = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = ai.fma(b0, c40);
      ai = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = ai.fma(b0, c50);
      ai = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = ai.fma(b0, c60);
      ai = FloatVector.broadcast(SPECIES, a[ao + 7]);
      c70 = ai.fma(b0, c70);
    }
    c00.intoArray(c, co + 0 * ldc);
    c10.intoArray(c, co + 1 * ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
    c40.intoArray(c, co + 4 * ldc);
    c50.intoArray(c, co + 5 * ldc);
    c60.intoArray(c, co + 6 * ldc);
    c70.intoArray(c, co + 7 * ldc);
  }

  private static void narrow4(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      boolean accumulate) {
    FloatVector c00 = start(c, co + 0 * ldc, init, initOff + 0, accumulate);
    FloatVector c10 = start(c, co + 1 * ldc, init, initOff + 1, accumulate);
    FloatVector c20 = start(c, co + 2 * ldc, init, initOff + 2, accumulate);
    FloatVector c30 = start(c, co + 3 * ldc, init, initOff + 3, accumulate);
    for (int end = ao + kc * 4; ao < end; ao += 4, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector ai = FloatVector.broadcast(SPECIES, a[ao + 0]);
      c00 = ai.fma(b0, c00);
      ai = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = ai.fma(b0, c10);
      ai = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = ai.fma(b0, c20);
      ai = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = ai.fma(b0, c30);
    }
    c00.intoArray(c, co + 0 * ldc);
    c10.intoArray(c, co + 1 * ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
  }

  private static FloatVector start(
      float[] c, int at, float[] init, int initAt, boolean accumulate) {
    return accumulate
        ? FloatVector.fromArray(SPECIES, c, at)
        : FloatVector.broadcast(SPECIES, init[initAt]);
  }
}
