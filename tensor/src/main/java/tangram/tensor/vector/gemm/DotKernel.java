package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products A B^T where the reduction runs along the rows of both: blocks of dot products.
 *
 * <p>A block multiplies {@link #ROWS} rows of A with {@link #COLS} rows of B lane by lane, one
 * accumulator for each of its VL dot products, and adds up the lanes of all accumulators together:
 * no operand is packed or transposed, which pays where the reduction is long and the matrices are
 * small. The order of the additions is fixed, which that of {@code FloatVector.reduceLanes} is not.
 */
public final class DotKernel {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Rows of A in a block. */
  public static final int ROWS = 4;

  /** Rows of B in a block. */
  public static final int COLS = VL / ROWS;

  /** Lanes whose number has the bit 8, 4, 2 or 1. */
  private static final VectorMask<Float> WITH_8 = lanesWith(8);

  private static final VectorMask<Float> WITH_4 = lanesWith(4);
  private static final VectorMask<Float> WITH_2 = lanesWith(2);
  private static final VectorMask<Float> WITH_1 = lanesWith(1);

  /** Exchanges lanes whose numbers differ in one bit. */
  private static final VectorShuffle<Float> SWAP_8 = exchange(8);

  private static final VectorShuffle<Float> SWAP_4 = exchange(4);
  private static final VectorShuffle<Float> SWAP_2 = exchange(2);
  private static final VectorShuffle<Float> SWAP_1 = exchange(1);

  private DotKernel() {}

  private static VectorMask<Float> lanesWith(int bit) {
    boolean[] lanes = new boolean[VL];
    for (int i = 0; i < VL; i++) {
      lanes[i] = (i & bit) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  private static VectorShuffle<Float> exchange(int bit) {
    return VectorShuffle.fromOp(SPECIES, i -> (i ^ bit) & (VL - 1));
  }

  /**
   * Adds one block of dot products: {@code c[co + i * COLS + j] += sum over t of a[ao + i * lda +
   * t] * b[bo + j * ldb + t]}.
   *
   * @param length terms, a multiple of the vector length
   */
  public static void add(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co) {
    if (VL == 16) {
      dot4(length, a, ao, lda, b, bo, ldb, c, co);
    } else if (VL == 8) {
      dot2(length, a, ao, lda, b, bo, ldb, c, co);
    } else {
      dot1(length, a, ao, lda, b, bo, ldb, c, co);
    }
  }

  private static void dot4(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co) {
    int a1 = 1 * lda;
    int a2 = 2 * lda;
    int a3 = 3 * lda;
    int b1 = 1 * ldb;
    int b2 = 2 * ldb;
    int b3 = 3 * ldb;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector s4 = FloatVector.zero(SPECIES);
    FloatVector s5 = FloatVector.zero(SPECIES);
    FloatVector s6 = FloatVector.zero(SPECIES);
    FloatVector s7 = FloatVector.zero(SPECIES);
    FloatVector s8 = FloatVector.zero(SPECIES);
    FloatVector s9 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    FloatVector s12 = FloatVector.zero(SPECIES);
    FloatVector s13 = FloatVector.zero(SPECIES);
    FloatVector s14 = FloatVector.zero(SPECIES);
    FloatVector s15 = FloatVector.zero(SPECIES);
    for (int end = ao + length; ao < end; ao += VL, bo += VL) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, bo + b1);
      FloatVector y2 = FloatVector.fromArray(SPECIES, b, bo + b2);
      FloatVector y3 = FloatVector.fromArray(SPECIES, b, bo + b3);
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao);
      s0 = x.fma(y0, s0);
      s1 = x.fma(y1, s1);
      s2 = x.fma(y2, s2);
      s3 = x.fma(y3, s3);
      x = FloatVector.fromArray(SPECIES, a, ao + a1);
      s4 = x.fma(y0, s4);
      s5 = x.fma(y1, s5);
      s6 = x.fma(y2, s6);
      s7 = x.fma(y3, s7);
      x = FloatVector.fromArray(SPECIES, a, ao + a2);
      s8 = x.fma(y0, s8);
      s9 = x.fma(y1, s9);
      s10 = x.fma(y2, s10);
      s11 = x.fma(y3, s11);
      x = FloatVector.fromArray(SPECIES, a, ao + a3);
      s12 = x.fma(y0, s12);
      s13 = x.fma(y1, s13);
      s14 = x.fma(y2, s14);
      s15 = x.fma(y3, s15);
    }
    // Lanes with the bit 8 continue with the sums whose number has it.
    s0 = s0.blend(s8, WITH_8).add(s8.blend(s0, WITH_8).rearrange(SWAP_8));
    s1 = s1.blend(s9, WITH_8).add(s9.blend(s1, WITH_8).rearrange(SWAP_8));
    s2 = s2.blend(s10, WITH_8).add(s10.blend(s2, WITH_8).rearrange(SWAP_8));
    s3 = s3.blend(s11, WITH_8).add(s11.blend(s3, WITH_8).rearrange(SWAP_8));
    s4 = s4.blend(s12, WITH_8).add(s12.blend(s4, WITH_8).rearrange(SWAP_8));
    s5 = s5.blend(s13, WITH_8).add(s13.blend(s5, WITH_8).rearrange(SWAP_8));
    s6 = s6.blend(s14, WITH_8).add(s14.blend(s6, WITH_8).rearrange(SWAP_8));
    s7 = s7.blend(s15, WITH_8).add(s15.blend(s7, WITH_8).rearrange(SWAP_8));
    // Lanes with the bit 4 continue with the sums whose number has it.
    s0 = s0.blend(s4, WITH_4).add(s4.blend(s0, WITH_4).rearrange(SWAP_4));
    s1 = s1.blend(s5, WITH_4).add(s5.blend(s1, WITH_4).rearrange(SWAP_4));
    s2 = s2.blend(s6, WITH_4).add(s6.blend(s2, WITH_4).rearrange(SWAP_4));
    s3 = s3.blend(s7, WITH_4).add(s7.blend(s3, WITH_4).rearrange(SWAP_4));
    // Lanes with the bit 2 continue with the sums whose number has it.
    s0 = s0.blend(s2, WITH_2).add(s2.blend(s0, WITH_2).rearrange(SWAP_2));
    s1 = s1.blend(s3, WITH_2).add(s3.blend(s1, WITH_2).rearrange(SWAP_2));
    // Lanes with the bit 1 continue with the sums whose number has it.
    s0 = s0.blend(s1, WITH_1).add(s1.blend(s0, WITH_1).rearrange(SWAP_1));
    FloatVector.fromArray(SPECIES, c, co).add(s0).intoArray(c, co);
  }

  private static void dot2(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co) {
    int a1 = 1 * lda;
    int a2 = 2 * lda;
    int a3 = 3 * lda;
    int b1 = 1 * ldb;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector s4 = FloatVector.zero(SPECIES);
    FloatVector s5 = FloatVector.zero(SPECIES);
    FloatVector s6 = FloatVector.zero(SPECIES);
    FloatVector s7 = FloatVector.zero(SPECIES);
    for (int end = ao + length; ao < end; ao += VL, bo += VL) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, bo + b1);
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao);
      s0 = x.fma(y0, s0);
      s1 = x.fma(y1, s1);
      x = FloatVector.fromArray(SPECIES, a, ao + a1);
      s2 = x.fma(y0, s2);
      s3 = x.fma(y1, s3);
      x = FloatVector.fromArray(SPECIES, a, ao + a2);
      s4 = x.fma(y0, s4);
      s5 = x.fma(y1, s5);
      x = FloatVector.fromArray(SPECIES, a, ao + a3);
      s6 = x.fma(y0, s6);
      s7 = x.fma(y1, s7);
    }
    // Lanes with the bit 4 continue with the sums whose number has it.
    s0 = s0.blend(s4, WITH_4).add(s4.blend(s0, WITH_4).rearrange(SWAP_4));
    s1 = s1.blend(s5, WITH_4).add(s5.blend(s1, WITH_4).rearrange(SWAP_4));
    s2 = s2.blend(s6, WITH_4).add(s6.blend(s2, WITH_4).rearrange(SWAP_4));
    s3 = s3.blend(s7, WITH_4).add(s7.blend(s3, WITH_4).rearrange(SWAP_4));
    // Lanes with the bit 2 continue with the sums whose number has it.
    s0 = s0.blend(s2, WITH_2).add(s2.blend(s0, WITH_2).rearrange(SWAP_2));
    s1 = s1.blend(s3, WITH_2).add(s3.blend(s1, WITH_2).rearrange(SWAP_2));
    // Lanes with the bit 1 continue with the sums whose number has it.
    s0 = s0.blend(s1, WITH_1).add(s1.blend(s0, WITH_1).rearrange(SWAP_1));
    FloatVector.fromArray(SPECIES, c, co).add(s0).intoArray(c, co);
  }

  private static void dot1(
      int length, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co) {
    int a1 = 1 * lda;
    int a2 = 2 * lda;
    int a3 = 3 * lda;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    for (int end = ao + length; ao < end; ao += VL, bo += VL) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, bo);
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao);
      s0 = x.fma(y0, s0);
      x = FloatVector.fromArray(SPECIES, a, ao + a1);
      s1 = x.fma(y0, s1);
      x = FloatVector.fromArray(SPECIES, a, ao + a2);
      s2 = x.fma(y0, s2);
      x = FloatVector.fromArray(SPECIES, a, ao + a3);
      s3 = x.fma(y0, s3);
    }
    // Lanes with the bit 2 continue with the sums whose number has it.
    s0 = s0.blend(s2, WITH_2).add(s2.blend(s0, WITH_2).rearrange(SWAP_2));
    s1 = s1.blend(s3, WITH_2).add(s3.blend(s1, WITH_2).rearrange(SWAP_2));
    // Lanes with the bit 1 continue with the sums whose number has it.
    s0 = s0.blend(s1, WITH_1).add(s1.blend(s0, WITH_1).rearrange(SWAP_1));
    FloatVector.fromArray(SPECIES, c, co).add(s0).intoArray(c, co);
  }
}
