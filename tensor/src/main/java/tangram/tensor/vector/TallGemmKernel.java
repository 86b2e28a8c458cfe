package tangram.tensor.vector;

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
      tile8x3Rows(kc, a, ao, rowStep, b, bo, c, co, ldc, s, so, lds);
    } else {
      tile8x3Columns(kc, a, ao, stepA, b, bo, c, co, ldc, s, so, lds);
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

  /** Rows of A that lie apart, their steps side by side. */
  private static void tile8x3Rows(
      int kc,
      float[] a,
      int ao,
      int rowStep,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 0 * VL);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 1 * VL);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 2 * VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 0 * VL);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 1 * VL);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 2 * VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 0 * VL);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 1 * VL);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 2 * VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 0 * VL);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 1 * VL);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 2 * VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 0 * VL);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 1 * VL);
    FloatVector c42 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 2 * VL);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 0 * VL);
    FloatVector c51 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 1 * VL);
    FloatVector c52 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 2 * VL);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 0 * VL);
    FloatVector c61 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 1 * VL);
    FloatVector c62 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 2 * VL);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 0 * VL);
    FloatVector c71 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 1 * VL);
    FloatVector c72 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 2 * VL);
    int r1 = 1 * rowStep;
    int r2 = 2 * rowStep;
    int r3 = 3 * rowStep;
    int r4 = 4 * rowStep;
    int r5 = 5 * rowStep;
    int r6 = 6 * rowStep;
    int r7 = 7 * rowStep;
    for (int end = bo + kc * NR; bo < end; ao++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + 0 * VL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + 1 * VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + r1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + r2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + r3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + r4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + r5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[ao + r6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[ao + r7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.intoArray(c, co + 0 * ldc + 0 * VL);
    c01.intoArray(c, co + 0 * ldc + 1 * VL);
    c02.intoArray(c, co + 0 * ldc + 2 * VL);
    c10.intoArray(c, co + 1 * ldc + 0 * VL);
    c11.intoArray(c, co + 1 * ldc + 1 * VL);
    c12.intoArray(c, co + 1 * ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc + 0 * VL);
    c21.intoArray(c, co + 2 * ldc + 1 * VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc + 0 * VL);
    c31.intoArray(c, co + 3 * ldc + 1 * VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc + 0 * VL);
    c41.intoArray(c, co + 4 * ldc + 1 * VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc + 0 * VL);
    c51.intoArray(c, co + 5 * ldc + 1 * VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc + 0 * VL);
    c61.intoArray(c, co + 6 * ldc + 1 * VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc + 0 * VL);
    c71.intoArray(c, co + 7 * ldc + 1 * VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }

  /** Steps of A that lie apart, their rows side by side. */
  private static void tile8x3Columns(
      int kc,
      float[] a,
      int ao,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      float[] s,
      int so,
      int lds) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 0 * VL);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 1 * VL);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + 0 * lds + 2 * VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 0 * VL);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 1 * VL);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + 1 * lds + 2 * VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 0 * VL);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 1 * VL);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 2 * VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 0 * VL);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 1 * VL);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 2 * VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 0 * VL);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 1 * VL);
    FloatVector c42 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 2 * VL);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 0 * VL);
    FloatVector c51 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 1 * VL);
    FloatVector c52 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 2 * VL);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 0 * VL);
    FloatVector c61 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 1 * VL);
    FloatVector c62 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 2 * VL);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 0 * VL);
    FloatVector c71 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 1 * VL);
    FloatVector c72 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 2 * VL);
    for (int end = bo + kc * NR; bo < end; ao += stepA, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + 0 * VL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + 1 * VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[ao + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.intoArray(c, co + 0 * ldc + 0 * VL);
    c01.intoArray(c, co + 0 * ldc + 1 * VL);
    c02.intoArray(c, co + 0 * ldc + 2 * VL);
    c10.intoArray(c, co + 1 * ldc + 0 * VL);
    c11.intoArray(c, co + 1 * ldc + 1 * VL);
    c12.intoArray(c, co + 1 * ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc + 0 * VL);
    c21.intoArray(c, co + 2 * ldc + 1 * VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc + 0 * VL);
    c31.intoArray(c, co + 3 * ldc + 1 * VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc + 0 * VL);
    c41.intoArray(c, co + 4 * ldc + 1 * VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc + 0 * VL);
    c51.intoArray(c, co + 5 * ldc + 1 * VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc + 0 * VL);
    c61.intoArray(c, co + 6 * ldc + 1 * VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc + 0 * VL);
    c71.intoArray(c, co + 7 * ldc + 1 * VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }
}
