package tangram.tensor.vector.gemm;

/**
 * The register tiles of {@link GemmKernel} with A read where it lies, its rows apart, instead of
 * packed: for products in which packing A would take a good part of the time. B comes as panels
 * [k][{@link GemmKernel#NR}].
 *
 * <p>Every element of C is the same chain of fused multiply-adds as there.
 */
public final class DirectKernel {
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
    boolean narrow = cols <= VL;
    boolean direct = cols == (narrow ? VL : NR);
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
    switch (narrow ? -rows : rows) {
      case 8 -> DirectTiles.tile8(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      case 5 -> DirectTiles.tile5(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      case 4 -> DirectTiles.tile4(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      case -8 -> DirectTiles.narrow8(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      case -5 -> DirectTiles.narrow5(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      case -4 -> DirectTiles.narrow4(kc, a, ao, rowStep, b, bo, to, at, ld, s, so, lds);
      default -> {
        for (int i = 0; i < rows; i++) {
          int from = ao + i * rowStep;
          if (narrow) {
            DirectTiles.narrow1(kc, a, from, 0, b, bo, to, at + i * ld, ld, s, so + i * lds, lds);
          } else {
            DirectTiles.tile1(kc, a, from, 0, b, bo, to, at + i * ld, ld, s, so + i * lds, lds);
          }
        }
      }
    }
    if (!direct) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
      }
    }
  }
}
