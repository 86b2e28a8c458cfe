package tangram.tensor.vector.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of {@link GemmKernel} with A read where it lies, its rows apart, instead of
 * packed: for products in which packing A would take a good part of the time. B comes as panels
 * [k][{@link GemmKernel#NR}].
 *
 * <p>Every element of C is the same chain of fused multiply-adds as there.
 */
public final class DirectKernel {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;
  private static final int NR = GemmKernel.NR;

  private DirectKernel() {}

  /**
   * Multiplies up to {@link GemmKernel#MR} rows of A with up to {@link GemmKernel#NR} columns of B
   * into a tile of C. Element (i, t) of A is {@code a[ao + i * rowStep + t]}.
   *
   * <p>Parameters not named here are those of {@link GemmKernel#tile}.
   *
   * @param rows valid rows; slow unless 8, 5 or 4
   */
  public static void tile(
      int kc,
      int rows,
      int cols,
      float[] a,
      int ao,
      int rowStep,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      float[] init,
      int initOff,
      int ldInit,
      boolean accumulate,
      float[] edge) {
    boolean direct = cols == NR;
    if (accumulate && !direct) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(c, co + i * ldc, edge, i * NR, cols);
      }
    }
    float[] to = direct ? c : edge;
    int at = direct ? co : 0;
    int ld = direct ? ldc : NR;
    float[] s = accumulate ? to : init;
    int so = accumulate ? at : initOff;
    int lds = accumulate ? ld : ldInit;
    if (rows == 8) {
      DirectTiles.tile8(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
    } else if (rows == 5) {
      DirectTiles.tile5(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
    } else if (rows == 4) {
      DirectTiles.tile4(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
    } else {
      for (int i = 0; i < rows; i++) {
        row(kc, a, ao + i * rowStep, b, bo, to, at + i * ld, s, so + i * lds);
      }
    }
    if (!direct) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
      }
    }
  }

  private static void row(
      int kc, float[] a, int ao, float[] b, int bo, float[] c, int co, float[] s, int so) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c1 = FloatVector.fromArray(SPECIES, s, so + VL);
    for (int t = 0; t < kc; t++, ao++, bo += NR) {
      FloatVector ai = FloatVector.broadcast(SPECIES, a[ao]);
      c0 = ai.fma(FloatVector.fromArray(SPECIES, b, bo), c0);
      c1 = ai.fma(FloatVector.fromArray(SPECIES, b, bo + VL), c1);
    }
    c0.intoArray(c, co);
    c1.intoArray(c, co + VL);
  }
}
