package tangram.tensor.vector.gemm;

import tangram.tensor.vector.runtime.Scratch;

/** The part of a product that one task computes, see {@link Gemm}. */
final class GemmBlock {
  private GemmBlock() {}

  /**
   * Rows of panels [p0, p1) and columns [j0, j1) of C on the calling thread.
   *
   * <p>A block of B is packed and stays in the second-level cache, from where the register tile is
   * as fast as from the first. Rows of A then need no packing: the few of a tile stay in the first
   * level while all panels of the block go by. Where A is stored as columns, a block of it is
   * packed too.
   *
   * @param init what rows of C start from, whole panels of columns; null for zeros
   */
  static void run(
      boolean transA,
      boolean transB,
      int m,
      int p0,
      int p1,
      int j0,
      int j1,
      int k,
      float[] packed,
      float[] a,
      int aOff,
      int lda,
      float[] b,
      int bOff,
      int ldb,
      float[] init,
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    int nr = GemmKernel.NR;
    int kBlocks = Gemm.blocks(k, Gemm.KC);
    int longest = Gemm.blocks(k, kBlocks);
    int columns = Gemm.blocks(j1 - j0, nr);
    int jBlocks = Gemm.blocks(columns, Math.max(1, Gemm.BLOCK / (nr * longest)));
    int group = transA ? Math.max(1, Gemm.BLOCK / (2 * GemmKernel.MR * longest)) : 1;
    int packedA = Scratch.ALIGNED + Gemm.blocks(columns, jBlocks) * nr * longest;
    int size = (Math.min(group, p1 - p0) + 1) * GemmKernel.MR * longest;
    int mPadded = GemmKernel.paddedRows(m);
    float[] task = Scratch.task(packedA + (long) size);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * nr);
    for (int jb = 0; jb < jBlocks; jb++) {
      int from = j0 + Gemm.blockStart(columns, jBlocks, jb) * nr;
      int to = Math.min(j1, j0 + Gemm.blockStart(columns, jBlocks, jb + 1) * nr);
      for (int kb = 0; kb < kBlocks; kb++) {
        int k0 = Gemm.blockStart(k, kBlocks, kb);
        int kc = Gemm.blockStart(k, kBlocks, kb + 1) - k0;
        packB(transB, kc, from, to, b, bOff + (transB ? k0 : k0 * ldb), ldb, task);
        boolean add = accumulate || kb > 0;
        for (int p = p0; p < p1; p += group) {
          int end = Math.min(p1, p + group);
          int first = GemmKernel.panelStart(m, p);
          int rows = GemmKernel.panelRows(m, p);
          if (!transA && first + rows <= m) {
            int ao = aOff + first * lda + k0;
            int co = cOff + first * ldc;
            direct(kc, rows, from, to, a, ao, lda, task, init, c, co, ldc, add, edge);
            continue;
          }
          if (!transA) {
            Pack.columns(kc, m - first, rows, a, aOff + first * lda + k0, lda, task, packedA);
          } else if (packed == null) {
            Pack.rowPanels(kc, m, p, end, a, aOff + k0 * lda, lda, task, packedA);
          }
          float[] panels = packed == null ? task : packed;
          int at = packed == null ? packedA : Scratch.ALIGNED + mPadded * k0 + first * kc;
          for (int q = p; q < end; q++) {
            int i = GemmKernel.panelStart(m, q);
            int width = GemmKernel.panelRows(m, q);
            int valid = Math.min(width, m - i);
            int ao = at + (i - first) * kc;
            int co = cOff + i * ldc;
            packed(kc, valid, width, from, to, panels, ao, task, init, c, co, ldc, add, edge);
          }
        }
      }
    }
  }

  /** One panel of rows of A where they lie, and columns [j0, j1). */
  private static void direct(
      int kc,
      int rows,
      int j0,
      int j1,
      float[] a,
      int ao,
      int lda,
      float[] packedB,
      float[] init,
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    int bo = Scratch.ALIGNED;
    float[] start = init == null ? Gemm.ZEROS : init;
    int step = init == null ? 0 : 1;
    for (int j = j0; j < j1; j += GemmKernel.NR, bo += kc * GemmKernel.NR) {
      int cols = Math.min(GemmKernel.NR, j1 - j);
      DirectKernel.tile(
          kc, rows, cols, a, ao, lda, packedB, bo, c, co + j, ldc, start, step * j, 0, add, edge);
    }
  }

  /** One packed panel of A and columns [j0, j1). */
  private static void packed(
      int kc,
      int rows,
      int width,
      int j0,
      int j1,
      float[] a,
      int ao,
      float[] packedB,
      float[] init,
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    int bo = Scratch.ALIGNED;
    float[] start = init == null ? Gemm.ZEROS : init;
    int step = init == null ? 0 : 1;
    for (int j = j0; j < j1; j += GemmKernel.NR, bo += kc * GemmKernel.NR) {
      int cols = Math.min(GemmKernel.NR, j1 - j);
      GemmKernel.tile(
          kc,
          rows,
          width,
          cols,
          a,
          ao,
          packedB,
          bo,
          GemmKernel.NR,
          c,
          co + j,
          ldc,
          start,
          step * j,
          0,
          add,
          edge);
    }
  }

  /** Packs columns [j0, j1) of op(B), panel after panel; the first step begins at {@code bOff}. */
  private static void packB(
      boolean transB, int kc, int j0, int j1, float[] b, int bOff, int ldb, float[] task) {
    int nr = GemmKernel.NR;
    int at = Scratch.ALIGNED;
    for (int j = j0; j < j1; j += nr, at += kc * nr) {
      int cols = Math.min(nr, j1 - j);
      if (transB) {
        Pack.columns(kc, cols, nr, b, bOff + j * ldb, ldb, task, at);
      } else {
        Pack.rows(kc, cols, nr, b, bOff + j, ldb, task, at);
      }
    }
  }
}
