package tangram.tensor.vector.gemm;

import java.util.Objects;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Single-precision matrix products on row-major arrays.
 *
 * <p>The algorithm is Goto's: blocks of B, of {@link #KC} steps of the reduction, are copied into
 * panels that the register tile reads in order and that stay in the caches. A is read where it lies
 * ({@link DirectKernel}), or packed as well where it is stored as columns ({@link GemmKernel}).
 * Work is split into blocks of C ({@link Split}); the reduction is never split between threads, so
 * a result has the same bits for any number of threads.
 *
 * <p>Where A is a single row, {@link RowGemm} does not copy B, which would take longer than the
 * product.
 *
 * <p>Source: K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
 * TOMS 34(3), 2008.
 */
public final class Gemm {
  /**
   * Steps of the reduction in one packed block. Every further block reads and writes C again, which
   * costs more than that a panel of B comes from the second-level cache.
   */
  public static final int KC = 512;

  /** Floats of B that are packed at a time: they stay in the second-level cache. */
  public static final int BLOCK = 1 << 16;

  /** Panels of A that are packed at a time for all tasks. */
  private static final int PACKED_PANELS = 16;

  /** Multiply-adds in the time in which a number of A is read where it lies. */
  public static final double READ = 3;

  /** Likewise, in which it is packed. */
  public static final double PACK = 8;

  /** Panels of columns from which on A, if stored as columns, is packed once for all tasks. */
  private static final int SHARE = 8;

  /** Below this many multiply-adds a product runs on the calling thread. */
  private static final long SERIAL = 64 * 64 * 64;

  /** Start values of a row of a tile when there is nothing to add to. */
  public static final float[] ZEROS = new float[GemmKernel.NR];

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
    sgemm(transA, transB, m, n, k, a, aOff, lda, b, bOff, ldb, null, 0, c, cOff, ldc, accumulate);
  }

  /**
   * As the other, but every row of C starts from {@code bias}.
   *
   * @param bias n values, or null for zeros; not with {@code accumulate}, a single row or k = 0
   */
  static void sgemm(
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
      float[] bias,
      int biasOff,
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
    if (m == 1 && (!transA || lda == 1)) {
      RowGemm.run(transB, n, k, a, aOff, b, bOff, ldb, c, cOff, accumulate);
      return;
    }
    float[] init = bias == null ? null : padded(bias, biasOff, n);
    if ((long) m * n * k <= SERIAL) {
      serial(transA, transB, m, n, k, a, aOff, lda, b, bOff, ldb, init, c, cOff, ldc, accumulate);
      return;
    }
    int panels = GemmKernel.panels(m);
    int columns = blocks(n, GemmKernel.NR);
    boolean shared = transA && columns > SHARE;
    float[] packed = shared ? packA(m, k, a, aOff, lda) : null;
    Split split = Split.of(panels, columns, k, transA && !shared ? PACK : READ, PACK);
    int rowTasks = split.rows();
    int columnTasks = split.columns();
    Parallel.run(
        split.tasks(),
        t ->
            GemmBlock.run(
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
                init,
                c,
                cOff,
                ldc,
                accumulate));
  }

  /** The values from which rows of tiles start, of whole panels. */
  private static float[] padded(float[] bias, int biasOff, int n) {
    float[] init = Scratch.floats(Scratch.SMALL, (long) n + GemmKernel.NR);
    System.arraycopy(bias, biasOff, init, 0, n);
    return init;
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
              serial(transA, transB, m, n, k, a, ai, lda, b, bi, ldb, null, c, ci, ldc, accumulate);
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

  /**
   * The whole product on the calling thread.
   *
   * @param init see {@link GemmBlock#run}
   */
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
      float[] init,
      float[] c,
      int cOff,
      int ldc,
      boolean accumulate) {
    int panels = GemmKernel.panels(m);
    GemmBlock.run(
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
        init,
        c,
        cOff,
        ldc,
        accumulate);
  }

  /**
   * Packs an A that is stored as columns, for all tasks; block kb of all panels begins at {@code
   * ALIGNED + paddedRows * k0}.
   */
  public static float[] packA(int m, int k, float[] a, int aOff, int lda) {
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

  /** Number of blocks of at most {@code size} that cover {@code extent}. */
  public static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }

  /** Start of one of {@code count} nearly equal blocks. */
  public static int blockStart(int extent, int count, int block) {
    return (int) ((long) extent * block / count);
  }
}
