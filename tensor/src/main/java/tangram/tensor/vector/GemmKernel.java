package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products: a tile of C held in registers while one column of A and
 * one row of B after the other are multiplied into it.
 *
 * <p>A comes as panels of {@link #MR} rows, [k][MR], and of 4 rows where those fit a matrix better;
 * B as panels of {@link #NR} columns, [k][NR]. With 512-bit vectors (32 registers) a tile is 8 x 2
 * vectors: 16 accumulators, two vectors of B, one broadcast of A. With 256-bit vectors (16
 * registers) it is 5 x 2: four rows give each unit of multiply-adds no more chains than its latency
 * in cycles, and with six the compiler spills an accumulator, which halves the speed. The
 * accumulators are written out one by one because vectors must stay in local variables, and the
 * offset into A drives the loop because that keeps range checks and spills out of it.
 *
 * <p>Every element of C is one chain of fused multiply-adds in the order of k, whichever tile or
 * tail computes it.
 */
final class GemmKernel {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Lanes of a vector. */
  static final int VL = SPECIES.length();

  /** Rows of a register tile, at most. */
  static final int MR = VL >= 16 ? 8 : VL == 8 ? 5 : 4;

  /** Columns of a register tile. */
  static final int NR = 2 * VL;

  private GemmKernel() {}

  /** Panels of a matrix with {@code m} rows. */
  static int panels(int m) {
    return (m + MR - 1) / MR;
  }

  /** Panels of {@link #MR} rows; those after them have 4, so that fewer rows are filled up. */
  private static int fullPanels(int m) {
    int panels = panels(m);
    int surplus = panels * MR - m;
    return panels - Math.min(panels, surplus / Math.max(1, MR - 4));
  }

  /** First row of a panel; that of panel {@code panels(m)} is the number of rows of all panels. */
  static int panelStart(int m, int panel) {
    int full = Math.min(panel, fullPanels(m));
    return full * MR + (panel - full) * 4;
  }

  /** Rows a panel is packed for, {@link #MR} or 4. */
  static int panelRows(int m, int panel) {
    return panel < fullPanels(m) ? MR : 4;
  }

  /** Rows of all panels of a matrix with {@code m} rows. */
  static int paddedRows(int m) {
    return panelStart(m, panels(m));
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
   * @param init with {@code accumulate} unset, the tile starts from these values instead of from C,
   *     {@link #NR} for each row of the panel
   * @param ldInit distance between rows of {@code init}; zero if all rows are the same
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
      int ldInit,
      boolean accumulate,
      float[] edge) {
    if (rows == panelRows && cols == NR) {
      if (accumulate) {
        fullTile(kc, panelRows, a, ao, b, bo, ldb, c, co, ldc, c, co, ldc);
      } else {
        fullTile(kc, panelRows, a, ao, b, bo, ldb, c, co, ldc, init, initOff, ldInit);
      }
      return;
    }
    if (accumulate) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(c, co + i * ldc, edge, i * NR, cols);
      }
      fullTile(kc, panelRows, a, ao, b, bo, ldb, edge, 0, NR, edge, 0, NR);
    } else {
      fullTile(kc, panelRows, a, ao, b, bo, ldb, edge, 0, NR, init, initOff, ldInit);
    }
    for (int i = 0; i < rows; i++) {
      System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
    }
  }

  /**
   * A tile all of whose rows and columns may be written. It starts from row i at {@code s[so + i *
   * lds]}, which may be the tile itself; where it starts from is an array, not a choice, because
   * with a choice for each accumulator the compiler spills some of them in the loop.
   */
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
      float[] s,
      int so,
      int lds) {
    switch (panelRows) {
      case 8 -> tile8(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      case 5 -> tile5(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      default -> tile4(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
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
      float[] s,
      int so,
      int lds) {
    switch (panelRows) {
      case 8 -> narrow8(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      case 5 -> narrow5(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      default -> narrow4(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
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
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + VL);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c51 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + VL);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c61 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + VL);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
    FloatVector c71 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + VL);
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

  private static void tile5(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + VL);
    for (int end = ao + kc * 5; ao < end; ao += 5, bo += ldb) {
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
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
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
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
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

  private static void narrow5(
      int kc,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    for (int end = ao + kc * 5; ao < end; ao += 5, bo += ldb) {
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
    }
    c00.intoArray(c, co + 0 * ldc);
    c10.intoArray(c, co + 1 * ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
    c40.intoArray(c, co + 4 * ldc);
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
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
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
}
