package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

// Written by RegisterTiles, a program among the tests: change that one, then run it.

/** The tiles of {@link GemmKernel}: A comes as a panel. */
final class PackedTiles {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  private PackedTiles() {}

  /** A tile of 8 rows. */
  static void tile8(
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
    for (int end = ao + kc * 8; ao < end; ao += 8, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[ao + 7]);
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
      float[] b,
      int bo,
      int ldb,
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
    for (int end = ao + kc * 5; ao < end; ao += 5, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
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
      float[] b,
      int bo,
      int ldb,
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
    for (int end = ao + kc * 4; ao < end; ao += 4, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + VL);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
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

  /** 8 rows of a single vector. */
  static void narrow8(
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
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + lds);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * lds);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * lds);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * lds);
    FloatVector c50 = FloatVector.fromArray(SPECIES, s, so + 5 * lds);
    FloatVector c60 = FloatVector.fromArray(SPECIES, s, so + 6 * lds);
    FloatVector c70 = FloatVector.fromArray(SPECIES, s, so + 7 * lds);
    for (int end = ao + kc * 8; ao < end; ao += 8, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = x4.fma(b0, c40);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = x5.fma(b0, c50);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = x6.fma(b0, c60);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[ao + 7]);
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
      float[] b,
      int bo,
      int ldb,
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
    for (int end = ao + kc * 5; ao < end; ao += 5, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
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
      float[] b,
      int bo,
      int ldb,
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
    for (int end = ao + kc * 4; ao < end; ao += 4, bo += ldb) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = x3.fma(b0, c30);
    }
    c00.intoArray(c, co);
    c10.intoArray(c, co + ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
  }
}
