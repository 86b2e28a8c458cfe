package tangram.tensor.vector.gemm;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Matrix products in which one side is long: the linear layers of a token network, tens of
 * thousands of tokens by a few channels.
 *
 * <p>Two forms:
 *
 * <ul>
 *   <li>{@link #dots}: C = A B^T with many rows and fewer columns than a vector has lanes;
 *   <li>{@link #reduction}: C = A^T B with a long reduction and a small C, split into fixed ranges
 *       of the reduction whose partial products are added in order.
 * </ul>
 *
 * <p>The ranges depend on the shape alone, so the bits do not depend on the number of threads.
 */
final class TallGemm {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Rows of a task of {@link #dots}, a multiple of {@link DotKernel#ROWS}. */
  private static final int DOT_ROWS = 512;

  /** Steps of the reduction in one part of {@link #reduction}, at least. */
  private static final int PART = 256;

  /** Parts of {@link #reduction}, at most. */
  private static final int PARTS = 8;

  private TallGemm() {}

  /** Whether {@link #dots} suits a product of [m, k] and the transpose of [n, k]. */
  static boolean suitsDots(int m, int n, int k) {
    return n <= VL && m >= 2 * DOT_ROWS && k % VL == 0 && k >= 2 * VL;
  }

  /** Whether {@link #reduction} suits a product of the transpose of [k, m] and [k, n]. */
  static boolean suitsReduction(int m, int n, int k) {
    return k >= 4 * PART && (long) m * n <= 1 << 14 && k >= Math.max(m, n);
  }

  /** C = A B^T, or C += A B^T: A [m, k], B [n, k], C [m, n], rows without gaps. */
  static void dots(
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
    int columns = Gemm.blocks(n, DotKernel.COLS) * DotKernel.COLS;
    float[] padded = Scratch.floats(Scratch.PACKED_A, (long) columns * k);
    System.arraycopy(b, bOff, padded, 0, n * k);
    Arrays.fill(padded, n * k, columns * k, 0f);
    Parallel.run(
        Gemm.blocks(m, DOT_ROWS),
        t -> {
          float[] sums = Scratch.floats(Scratch.TILE, VL);
          int end = Math.min(m, (t + 1) * DOT_ROWS);
          for (int i = t * DOT_ROWS; i < end; i += DotKernel.ROWS) {
            // The last rows are computed with some before them, so that there are enough.
            int first = Math.min(i, m - DotKernel.ROWS);
            for (int j = 0; j < n; j += DotKernel.COLS) {
              Arrays.fill(sums, 0, VL, 0f);
              DotKernel.add(k, a, aOff + first * k, k, padded, j * k, k, sums, 0);
              int cols = Math.min(DotKernel.COLS, n - j);
              for (int row = i; row < first + DotKernel.ROWS; row++) {
                int from = (row - first) * DotKernel.COLS;
                int to = cOff + row * n + j;
                for (int q = 0; q < cols; q++) {
                  c[to + q] = accumulate ? c[to + q] + sums[from + q] : sums[from + q];
                }
              }
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
    int width = Gemm.blocks(n, GemmKernel.NR) * GemmKernel.NR;
    int height = GemmKernel.paddedRows(m);
    float[] partial = Scratch.floats(Scratch.PARTIAL, (long) parts * height * width);
    Parallel.run(
        parts,
        t -> {
          int k0 = Gemm.blockStart(k, parts, t);
          int k1 = Gemm.blockStart(k, parts, t + 1);
          int to = t * height * width;
          int ao = aOff + k0 * m;
          int bo = bOff + k0 * n;
          Gemm.serial(
              true, false, m, n, k1 - k0, a, ao, m, b, bo, n, null, partial, to, width, false);
        });
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
}
