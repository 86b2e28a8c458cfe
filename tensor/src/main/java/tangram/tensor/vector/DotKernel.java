package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products A B^T where the reduction runs along the rows of both: blocks of dot products.
 *
 * <p>A block multiplies {@link #ROWS} rows of A with {@link #COLS} rows of B, lane by lane, and
 * adds the lanes up at the end: no operand is packed or transposed, which pays where the reduction
 * is long and the matrices are small.
 */
final class DotKernel {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Rows of A in a block. */
  static final int ROWS = 4;

  /** Rows of B in a block. */
  static final int COLS = VL >= 16 ? 4 : 2;

  private DotKernel() {}

  /**
   * Adds one block of dot products: {@code c[co + i * COLS + j] += sum over t of a[ao + i * lda +
   * t] * b[bo + j * ldb + t]}.
   *
   * @param length terms, a multiple of the vector length
   * @param work room for ROWS * COLS vectors
   */
  static void add(
      int length,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      float[] work) {
    if (COLS == 4) {
      dot4(length, a, ao, lda, b, bo, ldb, work);
    } else {
      dot2(length, a, ao, lda, b, bo, ldb, work);
    }
    for (int i = 0; i < ROWS * COLS; i += VL) {
      Lanes.sums(work, i * VL);
      FloatVector.fromArray(SPECIES, c, co + i)
          .add(FloatVector.fromArray(SPECIES, work, i * VL))
          .intoArray(c, co + i);
    }
  }

  private static void dot4(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] work) {
    int a1 = 1 * lda;
    int a2 = 2 * lda;
    int a3 = 3 * lda;
    int b1 = 1 * ldb;
    int b2 = 2 * ldb;
    int b3 = 3 * ldb;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    FloatVector c03 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c12 = FloatVector.zero(SPECIES);
    FloatVector c13 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c22 = FloatVector.zero(SPECIES);
    FloatVector c23 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c32 = FloatVector.zero(SPECIES);
    FloatVector c33 = FloatVector.zero(SPECIES);
    for (int end = ao + length; ao < end; ao += VL, bo += VL) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, bo + b1);
      FloatVector y2 = FloatVector.fromArray(SPECIES, b, bo + b2);
      FloatVector y3 = FloatVector.fromArray(SPECIES, b, bo + b3);
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
      x = FloatVector.fromArray(SPECIES, a, ao + a1);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      c12 = x.fma(y2, c12);
      c13 = x.fma(y3, c13);
      x = FloatVector.fromArray(SPECIES, a, ao + a2);
      c20 = x.fma(y0, c20);
      c21 = x.fma(y1, c21);
      c22 = x.fma(y2, c22);
      c23 = x.fma(y3, c23);
      x = FloatVector.fromArray(SPECIES, a, ao + a3);
      c30 = x.fma(y0, c30);
      c31 = x.fma(y1, c31);
      c32 = x.fma(y2, c32);
      c33 = x.fma(y3, c33);
    }
    c00.intoArray(work, 0);
    c01.intoArray(work, VL);
    c02.intoArray(work, 2 * VL);
    c03.intoArray(work, 3 * VL);
    c10.intoArray(work, 4 * VL);
    c11.intoArray(work, 5 * VL);
    c12.intoArray(work, 6 * VL);
    c13.intoArray(work, 7 * VL);
    c20.intoArray(work, 8 * VL);
    c21.intoArray(work, 9 * VL);
    c22.intoArray(work, 10 * VL);
    c23.intoArray(work, 11 * VL);
    c30.intoArray(work, 12 * VL);
    c31.intoArray(work, 13 * VL);
    c32.intoArray(work, 14 * VL);
    c33.intoArray(work, 15 * VL);
  }

  private static void dot2(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] work) {
    int a1 = 1 * lda;
    int a2 = 2 * lda;
    int a3 = 3 * lda;
    int b1 = 1 * ldb;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    for (int end = ao + length; ao < end; ao += VL, bo += VL) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, bo + b1);
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      x = FloatVector.fromArray(SPECIES, a, ao + a1);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      x = FloatVector.fromArray(SPECIES, a, ao + a2);
      c20 = x.fma(y0, c20);
      c21 = x.fma(y1, c21);
      x = FloatVector.fromArray(SPECIES, a, ao + a3);
      c30 = x.fma(y0, c30);
      c31 = x.fma(y1, c31);
    }
    c00.intoArray(work, 0);
    c01.intoArray(work, VL);
    c10.intoArray(work, 2 * VL);
    c11.intoArray(work, 3 * VL);
    c20.intoArray(work, 4 * VL);
    c21.intoArray(work, 5 * VL);
    c30.intoArray(work, 6 * VL);
    c31.intoArray(work, 7 * VL);
  }
}
