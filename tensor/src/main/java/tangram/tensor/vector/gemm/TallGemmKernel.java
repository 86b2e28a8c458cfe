package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of {@link TallGemm}, 8 rows by 3 vectors, for machines with 32 registers. A is
 * read where it lies, in either direction; B comes as panels [k][{@link #NR}].
 */
final class TallGemmKernel {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  private static final int MR = 8;

  /** Columns of a register tile. */
  static final int NR = 3 * VL;

  /** Start values of a row of a tile when there is nothing to add to. */
  private static final float[] ZEROS = new float[NR];

  private TallGemmKernel() {}

  /**
   * One register tile of C. Element (i, t) of A is {@code a[ao + i * rowStep + t * stepA]}.
   *
   * @param rows valid rows, at most {@link #MR}
   * @param cols valid columns, at most {@link #NR}
   */
  static void product(
      int kc,
      int rows,
      int cols,
      float[] a,
      int ao,
      int rowStep,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    if (rows == MR && cols == NR) {
      if (add) {
        tile(kc, a, ao, rowStep, stepA, b, bo, c, co, ldc, c, co, ldc);
      } else {
        tile(kc, a, ao, rowStep, stepA, b, bo, c, co, ldc, ZEROS, 0, 0);
      }
      return;
    }
    for (int i = 0; add && i < rows; i++) {
      System.arraycopy(c, co + i * ldc, edge, i * NR, cols);
    }
    float[] s = add ? edge : ZEROS;
    int lds = add ? NR : 0;
    if (rows == MR) {
      tile(kc, a, ao, rowStep, stepA, b, bo, edge, 0, NR, s, 0, lds);
    } else {
      for (int i = 0; i < rows; i++) {
        row(kc, a, ao + i * rowStep, stepA, b, bo, edge, i * NR, s, i * lds);
      }
    }
    for (int i = 0; i < rows; i++) {
      System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
    }
  }

  /** A tile that starts from row i at {@code s[so + i * lds]}; see {@link GemmKernel#fullTile}. */
  private static void tile(
      int kc,
      float[] a,
      int ao,
      int rowStep,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      float[] s,
      int so,
      int lds) {
    if (stepA == 1) {
      TallTiles.rows8(kc, a, ao, rowStep, b, bo, c, co, ldc, s, so, lds);
    } else {
      TallTiles.columns8(kc, a, ao, stepA, b, bo, c, co, ldc, s, so, lds);
    }
  }

  /** A single row of a tile, the same chains of fused multiply-adds. */
  private static void row(
      int kc,
      float[] a,
      int ao,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      float[] s,
      int so) {
    for (int v = 0; v < NR; v += VL) {
      FloatVector sum = FloatVector.fromArray(SPECIES, s, so + v);
      for (int t = 0, at = ao, bt = bo + v; t < kc; t++, at += stepA, bt += NR) {
        sum = FloatVector.broadcast(SPECIES, a[at]).fma(FloatVector.fromArray(SPECIES, b, bt), sum);
      }
      sum.intoArray(c, co + v);
    }
  }
}
