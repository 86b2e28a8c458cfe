package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrix products in which one side is long: the linear layers of a token network, tens of
 * thousands of tokens by some dozens of channels.
 *
 * <p>There the general scheme of {@link Gemm} spends its time packing A, each element of which is
 * used for few columns. Here A is read where it lies, one broadcast after the other; only the small
 * B is packed. Two forms:
 *
 * <ul>
 *   <li>{@link #rows}: C = A op(B) with many rows, split into fixed ranges of rows;
 *   <li>{@link #reduction}: C = A^T B with a long reduction and a small C, split into fixed ranges
 *       of the reduction whose partial products are added in order.
 * </ul>
 *
 * <p>A register tile is 8 rows by 3 vectors where there are 32 registers and 4 by 2 elsewhere. The
 * split depends on the shape alone, so the bits do not depend on the number of threads.
 */
final class TallGemm {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Rows of a register tile. */
  private static final int MR = VL >= 16 ? 8 : 4;

  /** Columns of a register tile. */
  private static final int NR = VL >= 16 ? 3 * VL : 2 * VL;

  /** Rows of a task of {@link #rows}. */
  private static final int ROWS = 64 * MR;

  /** Steps of the reduction in one part of {@link #reduction}, at least. */
  private static final int PART = 256;

  /** Parts of {@link #reduction}, at most. */
  private static final int PARTS = 16;

  /** Steps of a block: a panel of B of so many stays in the first-level cache. */
  private static final int BLOCK = 128;

  private TallGemm() {}

  /** Whether {@link #rows} suits a product of [m, k] and [k, n]. */
  static boolean suitsRows(int m, int n, int k) {
    return m >= 4 * (long) Math.max(n, k) && m >= 2 * ROWS && (long) n * k <= 1 << 16;
  }

  /** Whether {@link #reduction} suits a product of the transpose of [k, m] and [k, n]. */
  static boolean suitsReduction(int m, int n, int k) {
    return k >= 4 * PART && (long) m * n <= 1 << 17 && k >= Math.max(m, n);
  }

  /** C = A op(B), or C += A op(B): A [m, k], op(B) [k, n], C [m, n], rows without gaps. */
  static void rows(
      boolean transB,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] c,
      int cOff,
      boolean accumulate) {
    int panels = Gemm.blocks(n, NR);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) panels * NR * k + Scratch.ALIGNED);
    for (int p = 0; p < panels; p++) {
      int j = p * NR;
      int cols = Math.min(NR, n - j);
      int to = Scratch.ALIGNED + p * NR * k;
      if (transB) {
        Pack.columns(k, cols, NR, b, bOff + j * k, k, packed, to);
      } else {
        Pack.rows(k, cols, NR, b, bOff + j, n, packed, to);
      }
    }
    Parallel.run(
        Gemm.blocks(m, ROWS),
        t -> {
          float[] edge = Scratch.floats(Scratch.TILE, MR * NR);
          int end = Math.min(m, (t + 1) * ROWS);
          for (int i = t * ROWS; i < end; i += MR) {
            int rows = Math.min(MR, end - i);
            for (int p = 0; p < panels; p++) {
              int cols = Math.min(NR, n - p * NR);
              int from = Scratch.ALIGNED + p * NR * k;
              int to = cOff + i * n + p * NR;
              product(
                  k, rows, cols, a, aOff + i * k, k, 1, packed, from, c, to, n, accumulate, edge);
            }
          }
        });
  }

  /** C = A^T B, or C += A^T B: A [k, m], B [k, n], C [m, n], rows without gaps. */
  static void reduction(
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] c,
      int cOff,
      boolean accumulate) {
    int parts = Math.min(PARTS, k / PART);
    int panels = Gemm.blocks(n, NR);
    int width = panels * NR;
    int height = Gemm.blocks(m, MR) * MR;
    float[] partial = Scratch.floats(Scratch.PARTIAL, (long) parts * height * width);
    Parallel.run(
        parts,
        t ->
            part(
                m,
                n,
                Gemm.blockStart(k, parts, t),
                Gemm.blockStart(k, parts, t + 1),
                a,
                aOff,
                b,
                bOff,
                partial,
                t * height * width,
                width));
    int rowsPerTask = Math.max(1, (1 << 14) / (n * parts));
    Parallel.run(
        Gemm.blocks(m, rowsPerTask),
        t -> {
          int end = Math.min(m, (t + 1) * rowsPerTask);
          for (int i = t * rowsPerTask; i < end; i++) {
            addParts(n, parts, height * width, partial, i * width, c, cOff + i * n, accumulate);
          }
        });
  }

  /** The product over steps [k0, k1) into a partial C whose rows are {@code width} apart. */
  private static void part(
      int m,
      int n,
      int k0,
      int k1,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] partial,
      int to,
      int width) {
    float[] panel = Scratch.floats(Scratch.PACKED_B, BLOCK * NR + Scratch.ALIGNED);
    float[] edge = Scratch.floats(Scratch.TILE, MR * NR);
    for (int k = k0; k < k1; k += BLOCK) {
      int kc = Math.min(BLOCK, k1 - k);
      boolean add = k > k0;
      for (int j = 0; j < n; j += NR) {
        int cols = Math.min(NR, n - j);
        Pack.rows(kc, cols, NR, b, bOff + k * n + j, n, panel, Scratch.ALIGNED);
        for (int i = 0; i < m; i += MR) {
          int rows = Math.min(MR, m - i);
          int at = to + i * width + j;
          // All columns of the partial C exist, so that only missing rows need the edge.
          product(
              kc,
              rows,
              NR,
              a,
              aOff + k * m + i,
              1,
              m,
              panel,
              Scratch.ALIGNED,
              partial,
              at,
              width,
              add,
              edge);
        }
      }
    }
  }

  private static void addParts(
      int n, int parts, int stride, float[] partial, int from, float[] c, int to, boolean add) {
    int j = 0;
    for (; j + VL <= n; j += VL) {
      FloatVector sum = FloatVector.fromArray(SPECIES, partial, from + j);
      for (int p = 1; p < parts; p++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, partial, from + p * stride + j));
      }
      if (add) {
        sum = sum.add(FloatVector.fromArray(SPECIES, c, to + j));
      }
      sum.intoArray(c, to + j);
    }
    for (; j < n; j++) {
      float sum = partial[from + j];
      for (int p = 1; p < parts; p++) {
        sum += partial[from + p * stride + j];
      }
      c[to + j] = add ? sum + c[to + j] : sum;
    }
  }

  /**
   * One register tile of C. Element (i, t) of A is {@code a[ao + i * rowStep + t * stepA]}.
   *
   * @param rows valid rows, at most {@link #MR}
   * @param cols valid columns, at most {@link #NR}
   */
  private static void product(
      int kc,
      int rows,
      int cols,
      float[] a,
      int ao,
      int rowStep,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] edge) {
    if (rows == MR && cols == NR) {
      tile(kc, a, ao, rowStep, stepA, b, bo, c, co, ldc, add);
      return;
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; add && j < cols; j++) {
        edge[i * NR + j] = c[co + i * ldc + j];
      }
    }
    if (rows == MR) {
      tile(kc, a, ao, rowStep, stepA, b, bo, edge, 0, NR, add);
    } else {
      for (int i = 0; i < rows; i++) {
        row(kc, a, ao + i * rowStep, stepA, b, bo, edge, i * NR, add);
      }
    }
    for (int i = 0; i < rows; i++) {
      System.arraycopy(edge, i * NR, c, co + i * ldc, cols);
    }
  }

  private static void tile(
      int kc,
      float[] a,
      int ao,
      int rowStep,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    if (VL < 16) {
      tile4x2(kc, a, ao, rowStep, stepA, b, bo, c, co, ldc, add);
    } else if (stepA == 1) {
      tile8x3Rows(kc, a, ao, rowStep, b, bo, c, co, ldc, add);
    } else {
      tile8x3Columns(kc, a, ao, stepA, b, bo, c, co, ldc, add);
    }
  }

  /** A single row of a tile, the same chains of fused multiply-adds. */
  private static void row(
      int kc, float[] a, int ao, int stepA, float[] b, int bo, float[] c, int co, boolean add) {
    for (int v = 0; v < NR; v += VL) {
      FloatVector sum = start(c, co + v, add);
      for (int t = 0, at = ao, bt = bo + v; t < kc; t++, at += stepA, bt += NR) {
        sum = FloatVector.broadcast(SPECIES, a[at]).fma(FloatVector.fromArray(SPECIES, b, bt), sum);
      }
      sum.intoArray(c, co + v);
    }
  }

  private static FloatVector start(float[] c, int co, boolean add) {
    return add ? FloatVector.fromArray(SPECIES, c, co) : FloatVector.zero(SPECIES);
  }

  /** Rows of A that lie apart, their steps side by side. */
  private static void tile8x3Rows(
      int kc,
      float[] a,
      int ao,
      int rowStep,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector c00 = start(c, co + 0 * ldc + 0 * VL, add);
    FloatVector c01 = start(c, co + 0 * ldc + 1 * VL, add);
    FloatVector c02 = start(c, co + 0 * ldc + 2 * VL, add);
    FloatVector c10 = start(c, co + 1 * ldc + 0 * VL, add);
    FloatVector c11 = start(c, co + 1 * ldc + 1 * VL, add);
    FloatVector c12 = start(c, co + 1 * ldc + 2 * VL, add);
    FloatVector c20 = start(c, co + 2 * ldc + 0 * VL, add);
    FloatVector c21 = start(c, co + 2 * ldc + 1 * VL, add);
    FloatVector c22 = start(c, co + 2 * ldc + 2 * VL, add);
    FloatVector c30 = start(c, co + 3 * ldc + 0 * VL, add);
    FloatVector c31 = start(c, co + 3 * ldc + 1 * VL, add);
    FloatVector c32 = start(c, co + 3 * ldc + 2 * VL, add);
    FloatVector c40 = start(c, co + 4 * ldc + 0 * VL, add);
    FloatVector c41 = start(c, co + 4 * ldc + 1 * VL, add);
    FloatVector c42 = start(c, co + 4 * ldc + 2 * VL, add);
    FloatVector c50 = start(c, co + 5 * ldc + 0 * VL, add);
    FloatVector c51 = start(c, co + 5 * ldc + 1 * VL, add);
    FloatVector c52 = start(c, co + 5 * ldc + 2 * VL, add);
    FloatVector c60 = start(c, co + 6 * ldc + 0 * VL, add);
    FloatVector c61 = start(c, co + 6 * ldc + 1 * VL, add);
    FloatVector c62 = start(c, co + 6 * ldc + 2 * VL, add);
    FloatVector c70 = start(c, co + 7 * ldc + 0 * VL, add);
    FloatVector c71 = start(c, co + 7 * ldc + 1 * VL, add);
    FloatVector c72 = start(c, co + 7 * ldc + 2 * VL, add);
    int r1 = 1 * rowStep;
    int r2 = 2 * rowStep;
    int r3 = 3 * rowStep;
    int r4 = 4 * rowStep;
    int r5 = 5 * rowStep;
    int r6 = 6 * rowStep;
    int r7 = 7 * rowStep;
    for (int end = bo + kc * NR; bo < end; ao++, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + 0 * VL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + 1 * VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + r1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + r2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + r3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + r4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + r5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[ao + r6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[ao + r7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.intoArray(c, co + 0 * ldc + 0 * VL);
    c01.intoArray(c, co + 0 * ldc + 1 * VL);
    c02.intoArray(c, co + 0 * ldc + 2 * VL);
    c10.intoArray(c, co + 1 * ldc + 0 * VL);
    c11.intoArray(c, co + 1 * ldc + 1 * VL);
    c12.intoArray(c, co + 1 * ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc + 0 * VL);
    c21.intoArray(c, co + 2 * ldc + 1 * VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc + 0 * VL);
    c31.intoArray(c, co + 3 * ldc + 1 * VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc + 0 * VL);
    c41.intoArray(c, co + 4 * ldc + 1 * VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc + 0 * VL);
    c51.intoArray(c, co + 5 * ldc + 1 * VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc + 0 * VL);
    c61.intoArray(c, co + 6 * ldc + 1 * VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc + 0 * VL);
    c71.intoArray(c, co + 7 * ldc + 1 * VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }

  /** Steps of A that lie apart, their rows side by side. */
  private static void tile8x3Columns(
      int kc,
      float[] a,
      int ao,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector c00 = start(c, co + 0 * ldc + 0 * VL, add);
    FloatVector c01 = start(c, co + 0 * ldc + 1 * VL, add);
    FloatVector c02 = start(c, co + 0 * ldc + 2 * VL, add);
    FloatVector c10 = start(c, co + 1 * ldc + 0 * VL, add);
    FloatVector c11 = start(c, co + 1 * ldc + 1 * VL, add);
    FloatVector c12 = start(c, co + 1 * ldc + 2 * VL, add);
    FloatVector c20 = start(c, co + 2 * ldc + 0 * VL, add);
    FloatVector c21 = start(c, co + 2 * ldc + 1 * VL, add);
    FloatVector c22 = start(c, co + 2 * ldc + 2 * VL, add);
    FloatVector c30 = start(c, co + 3 * ldc + 0 * VL, add);
    FloatVector c31 = start(c, co + 3 * ldc + 1 * VL, add);
    FloatVector c32 = start(c, co + 3 * ldc + 2 * VL, add);
    FloatVector c40 = start(c, co + 4 * ldc + 0 * VL, add);
    FloatVector c41 = start(c, co + 4 * ldc + 1 * VL, add);
    FloatVector c42 = start(c, co + 4 * ldc + 2 * VL, add);
    FloatVector c50 = start(c, co + 5 * ldc + 0 * VL, add);
    FloatVector c51 = start(c, co + 5 * ldc + 1 * VL, add);
    FloatVector c52 = start(c, co + 5 * ldc + 2 * VL, add);
    FloatVector c60 = start(c, co + 6 * ldc + 0 * VL, add);
    FloatVector c61 = start(c, co + 6 * ldc + 1 * VL, add);
    FloatVector c62 = start(c, co + 6 * ldc + 2 * VL, add);
    FloatVector c70 = start(c, co + 7 * ldc + 0 * VL, add);
    FloatVector c71 = start(c, co + 7 * ldc + 1 * VL, add);
    FloatVector c72 = start(c, co + 7 * ldc + 2 * VL, add);
    for (int end = bo + kc * NR; bo < end; ao += stepA, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + 0 * VL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + 1 * VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * VL);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[ao + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[ao + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.intoArray(c, co + 0 * ldc + 0 * VL);
    c01.intoArray(c, co + 0 * ldc + 1 * VL);
    c02.intoArray(c, co + 0 * ldc + 2 * VL);
    c10.intoArray(c, co + 1 * ldc + 0 * VL);
    c11.intoArray(c, co + 1 * ldc + 1 * VL);
    c12.intoArray(c, co + 1 * ldc + 2 * VL);
    c20.intoArray(c, co + 2 * ldc + 0 * VL);
    c21.intoArray(c, co + 2 * ldc + 1 * VL);
    c22.intoArray(c, co + 2 * ldc + 2 * VL);
    c30.intoArray(c, co + 3 * ldc + 0 * VL);
    c31.intoArray(c, co + 3 * ldc + 1 * VL);
    c32.intoArray(c, co + 3 * ldc + 2 * VL);
    c40.intoArray(c, co + 4 * ldc + 0 * VL);
    c41.intoArray(c, co + 4 * ldc + 1 * VL);
    c42.intoArray(c, co + 4 * ldc + 2 * VL);
    c50.intoArray(c, co + 5 * ldc + 0 * VL);
    c51.intoArray(c, co + 5 * ldc + 1 * VL);
    c52.intoArray(c, co + 5 * ldc + 2 * VL);
    c60.intoArray(c, co + 6 * ldc + 0 * VL);
    c61.intoArray(c, co + 6 * ldc + 1 * VL);
    c62.intoArray(c, co + 6 * ldc + 2 * VL);
    c70.intoArray(c, co + 7 * ldc + 0 * VL);
    c71.intoArray(c, co + 7 * ldc + 1 * VL);
    c72.intoArray(c, co + 7 * ldc + 2 * VL);
  }

  private static void tile4x2(
      int kc,
      float[] a,
      int ao,
      int rowStep,
      int stepA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector c00 = start(c, co + 0 * ldc + 0 * VL, add);
    FloatVector c01 = start(c, co + 0 * ldc + 1 * VL, add);
    FloatVector c10 = start(c, co + 1 * ldc + 0 * VL, add);
    FloatVector c11 = start(c, co + 1 * ldc + 1 * VL, add);
    FloatVector c20 = start(c, co + 2 * ldc + 0 * VL, add);
    FloatVector c21 = start(c, co + 2 * ldc + 1 * VL, add);
    FloatVector c30 = start(c, co + 3 * ldc + 0 * VL, add);
    FloatVector c31 = start(c, co + 3 * ldc + 1 * VL, add);
    int r1 = 1 * rowStep;
    int r2 = 2 * rowStep;
    int r3 = 3 * rowStep;
    for (int end = bo + kc * NR; bo < end; ao += stepA, bo += NR) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + 0 * VL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + 1 * VL);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + r1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + r2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + r3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoArray(c, co + 0 * ldc + 0 * VL);
    c01.intoArray(c, co + 0 * ldc + 1 * VL);
    c10.intoArray(c, co + 1 * ldc + 0 * VL);
    c11.intoArray(c, co + 1 * ldc + 1 * VL);
    c20.intoArray(c, co + 2 * ldc + 0 * VL);
    c21.intoArray(c, co + 2 * ldc + 1 * VL);
    c30.intoArray(c, co + 3 * ldc + 0 * VL);
    c31.intoArray(c, co + 3 * ldc + 1 * VL);
  }
}
