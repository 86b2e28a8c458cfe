package tangram.tensor.vector;

import java.util.Objects;

/**
 * Single-precision matrix products on row-major arrays.
 *
 * <p>The algorithm is Goto's: A and B are copied into panels that the register tile of {@link
 * GemmKernel} reads in order, in blocks of {@link #KC} along the reduction, so that a panel of B
 * stays in the nearest caches. Work is split into fixed blocks of C; the reduction is never split
 * between threads, so a result has the same bits for any number of threads.
 *
 * <p>Source: K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
 * TOMS 34(3), 2008.
 */
public final class Gemm {
  /** Steps of the reduction in one packed block: a panel of B takes 32 KiB. */
  static final int KC = 8192 / GemmKernel.NR;

  /** Columns of C in one task, at most. */
  private static final int NC = 4 * GemmKernel.NR;

  /** Panels of A in one task, at most. */
  private static final int TASK_PANELS = GemmKernel.MR == 8 ? 32 : 64;

  /** Panels of A that are packed at a time. */
  private static final int PACKED_PANELS = 8;

  /** Below this many multiply-adds a product runs on the calling thread. */
  private static final long SERIAL = 64 * 64 * 64;

  /** Start values of a row of a tile when there is nothing to add to. */
  static final float[] ZEROS = new float[GemmKernel.NR];

  private Gemm() {}

  /**
   * C = op(A) op(B), or C += op(A) op(B), where op(X) is X or its transpose.
   *
   * <p>op(A) is [m, k], op(B) is [k, n], C is [m, n]; element (i, j) of a stored matrix X is {@code
   * x[xOff + i * ldx + j]}. C must not overlap A or B. With k = 0 the product is zero.
   *
   * @param transA whether A is stored as [k, m]
   * @param transB whether B is stored as [n, k]
   * @param lda distance between stored rows of A, and likewise for B and C
   * @param accumulate whether to add to C instead of overwriting it
   * @throws IllegalArgumentException if an extent is negative or a row distance is shorter than a
   *     row
   * @throws IndexOutOfBoundsException if a matrix does not lie within its array
   */
  public static void sgemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      int lda,
      float[] b,
      int bOff,
      int ldb,
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    if (m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException("negative extent: m=" + m + " n=" + n + " k=" + k);
    }
    check("A", a, aOff, transA ? k : m, transA ? m : k, lda);
    check("B", b, bOff, transB ? n : k, transB ? k : n, ldb);
    check("C", c, cOff, m, n, ldc);
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      clear(m, n, c, cOff, ldc, accumulate);
      return;
    }
    if ((long) m * n * k <= SERIAL) {
      serial(transA, transB, m, n, k, a, aOff, lda, b, bOff, ldb, c, cOff, ldc, accumulate);
      return;
    }
    int mPadded = GemmKernel.paddedRows(m);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) mPadded * k + Scratch.ALIGNED);
    int kBlocks = blocks(k, KC);
    int panels = GemmKernel.panels(m);
    Parallel.run(
        blocks(panels, PACKED_PANELS) * kBlocks,
        t -> {
          int k0 = blockStart(k, kBlocks, t % kBlocks);
          int kc = blockStart(k, kBlocks, t % kBlocks + 1) - k0;
          int p0 = t / kBlocks * PACKED_PANELS;
          int p1 = Math.min(panels, p0 + PACKED_PANELS);
          packA(transA, m, p0, p1, a, aOff, lda, k0, kc, packed, Scratch.ALIGNED + mPadded * k0);
        });
    int nBlocks = blocks(n, NC);
    int mBlocks = blocks(panels, TASK_PANELS);
    Parallel.run(
        nBlocks * mBlocks,
        t -> {
          int j0 = t / mBlocks * NC;
          int j1 = Math.min(n, j0 + NC);
          block(
              transB,
              m,
              blockStart(panels, mBlocks, t % mBlocks),
              blockStart(panels, mBlocks, t % mBlocks + 1),
              j0,
              j1,
              k,
              kBlocks,
              packed,
              b,
              bOff,
              ldb,
              c,
              cOff,
              ldc,
              accumulate);
        });
  }

  /**
   * A batch of products, C_i = op(A_i) op(B_i) or C_i += op(A_i) op(B_i) for i in [0, batch).
   *
   * <p>Matrix i of A begins at {@code aOff + i * aStride}, and likewise for B and C; a stride of
   * zero uses the same A or B throughout. Otherwise as {@link #sgemm}.
   *
   * @param aStride distance between consecutive matrices A, not negative
   */
  public static void sgemmBatched(
      int batch,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      int aStride,
      int lda,
      float[] b,
      int bOff,
      int bStride,
      int ldb,
      float[] c,
      int cOff,
      int cStride,
      int ldc,
      boolean accumulate) {
    if (batch < 0 || m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "negative extent: batch=" + batch + " m=" + m + " n=" + n + " k=" + k);
    }
    if (batch == 0 || m == 0 || n == 0) {
      return;
    }
    if (aStride < 0 || bStride < 0 || (batch > 1 && cStride < (m - 1L) * ldc + n)) {
      throw new IllegalArgumentException(
          "batch strides must not be negative and those of C must not overlap: "
              + aStride
              + ", "
              + bStride
              + ", "
              + cStride);
    }
    int last = batch - 1;
    check(
        "A",
        a,
        Math.addExact(aOff, Math.multiplyExact(last, aStride)),
        transA ? k : m,
        transA ? m : k,
        lda);
    check(
        "B",
        b,
        Math.addExact(bOff, Math.multiplyExact(last, bStride)),
        transB ? n : k,
        transB ? k : n,
        ldb);
    check("C", c, Math.addExact(cOff, Math.multiplyExact(last, cStride)), m, n, ldc);
    check("A", a, aOff, transA ? k : m, transA ? m : k, lda);
    check("B", b, bOff, transB ? n : k, transB ? k : n, ldb);
    check("C", c, cOff, m, n, ldc);
    long work = (long) m * n * k;
    if (work > 16 * SERIAL && batch < 8) {
      for (int i = 0; i < batch; i++) {
        sgemm(
            transA,
            transB,
            m,
            n,
            k,
            a,
            aOff + i * aStride,
            lda,
            b,
            bOff + i * bStride,
            ldb,
            c,
            cOff + i * cStride,
            ldc,
            accumulate);
      }
      return;
    }
    int perTask = (int) Math.max(1, Math.min(batch, SERIAL / Math.max(1, work)));
    Parallel.run(
        blocks(batch, perTask),
        t -> {
          int end = Math.min(batch, (t + 1) * perTask);
          for (int i = t * perTask; i < end; i++) {
            int ai = aOff + i * aStride;
            int bi = bOff + i * bStride;
            int ci = cOff + i * cStride;
            if (k == 0) {
              clear(m, n, c, ci, ldc, accumulate);
            } else {
              serial(transA, transB, m, n, k, a, ai, lda, b, bi, ldb, c, ci, ldc, accumulate);
            }
          }
        });
  }

  private static void clear(int m, int n, float[] c, int cOff, int ldc, boolean accumulate) {
    if (!accumulate) {
      for (int i = 0; i < m; i++) {
        java.util.Arrays.fill(c, cOff + i * ldc, cOff + i * ldc + n, 0f);
      }
    }
  }

  private static void check(String name, float[] x, int off, int rows, int cols, int ld) {
    if (ld < cols) {
      throw new IllegalArgumentException(
          "rows of " + name + " are " + cols + " long but only " + ld + " apart");
    }
    if (rows > 0 && cols > 0) {
      Objects.checkFromIndexSize(off, (rows - 1L) * ld + cols, (long) x.length);
    }
  }

  /** The whole product on the calling thread. */
  private static void serial(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      int lda,
      float[] b,
      int bOff,
      int ldb,
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    int mPadded = GemmKernel.paddedRows(m);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) mPadded * k + Scratch.ALIGNED);
    int kBlocks = blocks(k, KC);
    int panels = GemmKernel.panels(m);
    for (int kb = 0; kb < kBlocks; kb++) {
      int k0 = blockStart(k, kBlocks, kb);
      int kc = blockStart(k, kBlocks, kb + 1) - k0;
      packA(transA, m, 0, panels, a, aOff, lda, k0, kc, packed, Scratch.ALIGNED + mPadded * k0);
    }
    block(transB, m, 0, panels, 0, n, k, kBlocks, packed, b, bOff, ldb, c, cOff, ldc, accumulate);
  }

  /** Rows of panels [p0, p1) and columns [j0, j1) of C. */
  private static void block(
      boolean transB,
      int m,
      int p0,
      int p1,
      int j0,
      int j1,
      int k,
      int kBlocks,
      float[] packed,
      float[] b,
      int bOff,
      int ldb,
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    int mPadded = GemmKernel.paddedRows(m);
    int nr = GemmKernel.NR;
    float[] panel = Scratch.floats(Scratch.PACKED_B, (long) KC * nr + Scratch.ALIGNED);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * nr);
    for (int kb = 0; kb < kBlocks; kb++) {
      int k0 = blockStart(k, kBlocks, kb);
      int kc = blockStart(k, kBlocks, kb + 1) - k0;
      int ao = Scratch.ALIGNED + mPadded * k0;
      boolean add = accumulate || kb > 0;
      for (int j = j0; j < j1; j += nr) {
        int cols = Math.min(nr, j1 - j);
        if (transB) {
          Pack.columns(kc, cols, nr, b, bOff + j * ldb + k0, ldb, panel, Scratch.ALIGNED);
        } else {
          Pack.rows(kc, cols, nr, b, bOff + k0 * ldb + j, ldb, panel, Scratch.ALIGNED);
        }
        for (int p = p0; p < p1; p++) {
          int i = GemmKernel.panelStart(m, p);
          int rows = GemmKernel.panelRows(m, p);
          GemmKernel.tile(
              kc,
              Math.min(rows, m - i),
              rows,
              cols,
              packed,
              ao + i * kc,
              panel,
              Scratch.ALIGNED,
              nr,
              c,
              cOff + i * ldc + j,
              ldc,
              ZEROS,
              0,
              0,
              add,
              edge);
        }
      }
    }
  }

  /** Packs steps [k0, k0 + kc) of panels [p0, p1) of op(A); those of all panels begin at to. */
  private static void packA(
      boolean transA,
      int m,
      int p0,
      int p1,
      float[] a,
      int aOff,
      int lda,
      int k0,
      int kc,
      float[] packed,
      int to) {
    for (int p = p0; p < p1; p++) {
      int i = GemmKernel.panelStart(m, p);
      int width = GemmKernel.panelRows(m, p);
      int rows = Math.min(width, m - i);
      if (transA) {
        Pack.rows(kc, rows, width, a, aOff + k0 * lda + i, lda, packed, to + i * kc);
      } else {
        Pack.columns(kc, rows, width, a, aOff + i * lda + k0, lda, packed, to + i * kc);
      }
    }
  }

  /** Number of blocks of at most {@code size} that cover {@code extent}. */
  static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }

  /** Start of one of {@code count} nearly equal blocks. */
  static int blockStart(int extent, int count, int block) {
    return (int) ((long) extent * block / count);
  }
}
