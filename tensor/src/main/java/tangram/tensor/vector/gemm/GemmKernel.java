package tangram.tensor.vector.gemm;

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
public final class GemmKernel {
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Lanes of a vector. */
  public static final int VL = SPECIES.length();

  /** Rows of a register tile, at most. */
  public static final int MR = VL >= 16 ? 8 : VL == 8 ? 5 : 4;

  /** Columns of a register tile. */
  public static final int NR = 2 * VL;

  private GemmKernel() {}

  /** Panels of a matrix with {@code m} rows. */
  public static int panels(int m) {
    return (m + MR - 1) / MR;
  }

  /** Panels of {@link #MR} rows; those after them have 4, so that fewer rows are filled up. */
  private static int fullPanels(int m) {
    int panels = panels(m);
    int surplus = panels * MR - m;
    return panels - Math.min(panels, surplus / Math.max(1, MR - 4));
  }

  /** First row of a panel; that of panel {@code panels(m)} is the number of rows of all panels. */
  public static int panelStart(int m, int panel) {
    int full = Math.min(panel, fullPanels(m));
    return full * MR + (panel - full) * 4;
  }

  /** Rows a panel is packed for, {@link #MR} or 4. */
  public static int panelRows(int m, int panel) {
    return panel < fullPanels(m) ? MR : 4;
  }

  /** Rows of all panels of a matrix with {@code m} rows. */
  public static int paddedRows(int m) {
    return panelStart(m, panels(m));
  }

  /**
   * Multiplies one panel of A with up to {@link #NR} columns of B into a tile of C.
   *
   * <p>Tiles that reach beyond the matrix go through {@code edge}. Up to {@link #VL} columns take
   * half the work of more.
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
  public static void tile(
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
    boolean whole = rows == panelRows && (cols == NR || cols == VL);
    if (accumulate && !whole) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(c, co + i * ldc, edge, i * NR, cols);
      }
    }
    float[] to = whole ? c : edge;
    int at = whole ? co : 0;
    int ld = whole ? ldc : NR;
    float[] s = accumulate ? to : init;
    int so = accumulate ? at : initOff;
    int lds = accumulate ? ld : ldInit;
    if (cols <= VL) {
      narrowTile(kc, panelRows, a, ao, b, bo, ldb, to, at, ld, s, so, lds);
    } else {
      fullTile(kc, panelRows, a, ao, b, bo, ldb, to, at, ld, s, so, lds);
    }
    if (!whole) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
      }
    }
  }

  /**
   * A tile all of whose rows and columns may be written. It starts from row i at {@code s[so + i *
   * lds]}, which may be the tile itself; where it starts from is an array, not a choice, because
   * with a choice for each accumulator the compiler spills some of them in the loop.
   */
  public static void fullTile(
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
      case 8 -> PackedTiles.tile8(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      case 5 -> PackedTiles.tile5(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      default -> PackedTiles.tile4(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
    }
  }

  /** As {@link #fullTile}, for a tile of a single vector of columns. */
  public static void narrowTile(
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
      case 8 -> PackedTiles.narrow8(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      case 5 -> PackedTiles.narrow5(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
      default -> PackedTiles.narrow4(kc, a, ao, b, bo, ldb, c, co, ldc, s, so, lds);
    }
  }
}
