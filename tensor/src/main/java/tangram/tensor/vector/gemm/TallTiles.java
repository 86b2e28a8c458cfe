package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

// Written by RegisterTiles, a program among the tests: change that one, then run it.

/** The tiles of {@link TallGemmKernel}, 8 rows by 3 vectors. */
final class TallTiles {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;
  private static final int NR = TallGemmKernel.NR;

  private TallTiles() {}

  /** Rows of A that lie apart, their steps side by side. */
  static void rows8(
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
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + VL);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + 2 * VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + lds + VL);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + lds + 2 * VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 2 * VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 2 * VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + VL);
    FloatVector c42 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 2 * VL);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c51 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + VL);
    FloatVector c52 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 2 * VL);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c61 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + VL);
    FloatVector c62 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 2 * VL);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
    FloatVector c71 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + VL);
    FloatVector c72 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 2 * VL);
    int r1 = 1 * rowStep;
    int r2 = 2 * rowStep;
    int r3 = 3 * rowStep;
    int r4 = 4 * rowStep;
    int r5 = 5 * rowStep;
    int r6 = 6 * rowStep;
    int r7 = 7 * rowStep;
    for (int end = bo + kc * NR; bo < end; ao++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + r1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + r2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + r3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + r4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[ao + r5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[ao + r6]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      c62 = x6.fma(b2, c62);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[ao + r7]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
      c72 = x7.fma(b2, c72);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
    c02.intoArray(c, co + 2 * VL);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + VL);
    c12.intoArray(c, co + ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }

  /** Steps of A that lie apart, their rows side by side. */
  static void columns8(
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
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + VL);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + 2 * VL);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + lds + VL);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + lds + 2 * VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + 2 * VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + 2 * VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + VL);
    FloatVector c42 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + 2 * VL);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c51 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + VL);
    FloatVector c52 = FloatVector.fromArray(SPECIES, s, so + 5 * lds + 2 * VL);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c61 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + VL);
    FloatVector c62 = FloatVector.fromArray(SPECIES, s, so + 6 * lds + 2 * VL);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
    FloatVector c71 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + VL);
    FloatVector c72 = FloatVector.fromArray(SPECIES, s, so + 7 * lds + 2 * VL);
    for (int end = bo + kc * NR; bo < end; ao += stepA, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      c62 = x6.fma(b2, c62);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[ao + 7]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
      c72 = x7.fma(b2, c72);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
    c02.intoArray(c, co + 2 * VL);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + VL);
    c12.intoArray(c, co + ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }
}
