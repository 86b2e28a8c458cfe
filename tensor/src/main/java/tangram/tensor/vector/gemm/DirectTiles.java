package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

// Written by RegisterTiles, a program among the tests: change that one, then run it.

/** The tiles of {@link DirectKernel}: the rows of A lie apart. */
final class DirectTiles {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;
  private static final int NR = GemmKernel.NR;

  private DirectTiles() {}

  /** A tile of 8 rows. */
  static void tile8(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + lds + VL);
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
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    int a4 = ao + 4 * rowStep;
    int a5 = ao + 5 * rowStep;
    int a6 = ao + 6 * rowStep;
    int a7 = ao + 7 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + t]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + t]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[a6 + t]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[a7 + t]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + VL);
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

  /** A tile of 5 rows. */
  static void tile5(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + lds + VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * lds + VL);
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    int a4 = ao + 4 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + t]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + VL);
  }

  /** A tile of 4 rows. */
  static void tile4(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + lds + VL);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * lds + VL);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * lds + VL);
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + VL);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + VL);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + VL);
  }

  /** A single row. */
  static void tile1(
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
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + VL);
  }

  /** 8 rows of a single vector. */
  static void narrow8(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    int a4 = ao + 4 * rowStep;
    int a5 = ao + 5 * rowStep;
    int a6 = ao + 6 * rowStep;
    int a7 = ao + 7 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + t]);
      c40 = x4.fma(b0, c40);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + t]);
      c50 = x5.fma(b0, c50);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[a6 + t]);
      c60 = x6.fma(b0, c60);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[a7 + t]);
      c70 = x7.fma(b0, c70);
    }
    c00.intoArray(c, co);
    c10.intoArray(c, co + ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
    c40.intoArray(c, co + 4 * ldc);
    c50.intoArray(c, co + 5 * ldc);
    c60.intoArray(c, co + 6 * ldc);
    c70.intoArray(c, co + 7 * ldc);
  }

  /** 5 rows of a single vector. */
  static void narrow5(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    int a4 = ao + 4 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + t]);
      c40 = x4.fma(b0, c40);
    }
    c00.intoArray(c, co);
    c10.intoArray(c, co + ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
    c40.intoArray(c, co + 4 * ldc);
  }

  /** 4 rows of a single vector. */
  static void narrow4(
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
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    int a1 = ao + rowStep;
    int a2 = ao + 2 * rowStep;
    int a3 = ao + 3 * rowStep;
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + t]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + t]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + t]);
      c30 = x3.fma(b0, c30);
    }
    c00.intoArray(c, co);
    c10.intoArray(c, co + ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
  }

  /** A single row of a single vector. */
  static void narrow1(
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
    for (int t = 0; t < kc; t++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao + t]);
      c00 = x0.fma(b0, c00);
    }
    c00.intoArray(c, co);
  }
}
