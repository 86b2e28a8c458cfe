package tangram.tensor.vector;

import java.util.Objects;

/**
 * Single-precision matrix products on row-major arrays.
 *
 * <p>The algorithm is Goto's: blocks of B, of {@link #KC} steps of the reduction, are copied into
 * panels that the register tile reads in order and that stay in the caches. A is read where it lies
 * ({@link DirectKernel}), or packed as well where it is stored as columns ({@link GemmKernel}).
 * Work is split into fixed blocks of C; the reduction is never split between threads, so a result
 * has the same bits for any number of threads.
 *
 * <p>Source: K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
 * TOMS 34(3), 2008.
 */
public final class Gemm {
  /** Steps of the reduction in one packed block: a panel of B takes 32 KiB. */
  static final int KC = 8192 / GemmKernel.NR;

  /** Floats of B that are packed at a time: they stay in the second-level cache. */
  static final int BLOCK = 1 << 16;

  /** Panels of A that are packed at a time for all tasks. */
  private static final int PACKED_PANELS = 16;

  /** Panels of rows in a task, at least. */
  private static final int TASK_PANELS = 128;

  /** Panels of columns in a task, at least. */
  private static final int TASK_COLUMNS = 4;

  /** Tasks to aim for, enough to keep several threads busy. */
  private static final int TASKS = 8;

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
    int panels = GemmKernel.panels(m);
    int columns = blocks(n, GemmKernel.NR);
    boolean shared = transA && columns > 2 * TASK_COLUMNS;
    float[] packed = shared ? packA(m, k, a, aOff, lda) : null;
    // Every task packs its part of B anew, so it has many rows; but few if it packs those itself.
    int rowTasks = Math.max(1, Math.min(TASKS, panels / (transA && !shared ? 16 : TASK_PANELS)));
    int columnTasks = Math.max(1, Math.min(blocks(TASKS, rowTasks), columns / TASK_COLUMNS));
    Parallel.run(
        rowTasks * columnTasks,
        t ->
            block(
                transA,
                transB,
                m,
                blockStart(panels, rowTasks, t % rowTasks),
                blockStart(panels, rowTasks, t % rowTasks + 1),
                blockStart(columns, columnTasks, t / rowTasks) * GemmKernel.NR,
                Math.min(n, blockStart(columns, columnTasks, t / rowTasks + 1) * GemmKernel.NR),
                k,
                packed,
                a,
                aOff,
                lda,
                b,
                bOff,
                ldb,
                c,
                cOff,
                ldc,
                accumulate));
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
  static void serial(
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
    int panels = GemmKernel.panels(m);
    block(
        transA,
        transB,
        m,
        0,
        panels,
        0,
        n,
        k,
        null,
        a,
        aOff,
        lda,
        b,
        bOff,
        ldb,
        c,
        cOff,
        ldc,
        accumulate);
  }

  /**
   * Packs an A that is stored as columns, for all tasks; block kb of all panels begins at {@code
   * ALIGNED + paddedRows * k0}.
   */
  private static float[] packA(int m, int k, float[] a, int aOff, int lda) {
    int mPadded = GemmKernel.paddedRows(m);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) mPadded * k + Scratch.ALIGNED);
    int kBlocks = blocks(k, KC);
    int panels = GemmKernel.panels(m);
    int parts = blocks(panels, PACKED_PANELS);
    Parallel.run(
        parts * kBlocks,
        t -> {
          int k0 = blockStart(k, kBlocks, t / parts);
          int kc = blockStart(k, kBlocks, t / parts + 1) - k0;
          int p0 = blockStart(panels, parts, t % parts);
          int p1 = blockStart(panels, parts, t % parts + 1);
          int to = Scratch.ALIGNED + mPadded * k0 + GemmKernel.panelStart(m, p0) * kc;
          Pack.rowPanels(kc, m, p0, p1, a, aOff + k0 * lda, lda, packed, to);
        });
    return packed;
  }

  /**
   * Rows of panels [p0, p1) and columns [j0, j1) of C on the calling thread.
   *
   * <p>A block of B is packed and stays in the second-level cache, from where the register tile is
   * as fast as from the first. Rows of A then need no packing: the few of a tile stay in the first
   * level while all panels of the block go by. Where A is stored as columns, a block of it is
   * packed too.
   */
  private static void block(
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
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    int nr = GemmKernel.NR;
    int kBlocks = blocks(k, KC);
    int longest = blocks(k, kBlocks);
    int columns = blocks(j1 - j0, nr);
    int jBlocks = blocks(columns, Math.max(1, BLOCK / (nr * longest)));
    int group = transA ? Math.max(1, BLOCK / (2 * GemmKernel.MR * longest)) : 1;
    int packedA = Scratch.ALIGNED + blocks(columns, jBlocks) * nr * longest;
    int size = (Math.min(group, p1 - p0) + 1) * GemmKernel.MR * longest;
    int mPadded = GemmKernel.paddedRows(m);
    float[] task = Scratch.task(packedA + (long) size);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * nr);
    for (int jb = 0; jb < jBlocks; jb++) {
      int from = j0 + blockStart(columns, jBlocks, jb) * nr;
      int to = Math.min(j1, j0 + blockStart(columns, jBlocks, jb + 1) * nr);
      for (int kb = 0; kb < kBlocks; kb++) {
        int k0 = blockStart(k, kBlocks, kb);
        int kc = blockStart(k, kBlocks, kb + 1) - k0;
        packB(transB, kc, from, to, b, bOff + (transB ? k0 : k0 * ldb), ldb, task);
        boolean add = accumulate || kb > 0;
        for (int p = p0; p < p1; p += group) {
          int end = Math.min(p1, p + group);
          int first = GemmKernel.panelStart(m, p);
          int rows = GemmKernel.panelRows(m, p);
          if (!transA && first + rows <= m) {
            int ao = aOff + first * lda + k0;
            int co = cOff + first * ldc;
            direct(kc, rows, from, to, a, ao, lda, task, c, co, ldc, add, edge);
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
            packed(kc, valid, width, from, to, panels, ao, task, c, co, ldc, add, edge);
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
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    int bo = Scratch.ALIGNED;
    for (int j = j0; j < j1; j += GemmKernel.NR, bo += kc * GemmKernel.NR) {
      int cols = Math.min(GemmKernel.NR, j1 - j);
      DirectKernel.tile(
          kc, rows, cols, a, ao, lda, packedB, bo, c, co + j, ldc, ZEROS, 0, 0, add, edge);
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
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    int bo = Scratch.ALIGNED;
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
          ZEROS,
          0,
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

  /** Number of blocks of at most {@code size} that cover {@code extent}. */
  static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }

  /** Start of one of {@code count} nearly equal blocks. */
  static int blockStart(int extent, int count, int block) {
    return (int) ((long) extent * block / count);
  }
}
