package tangram.tensor.vector.gemm;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Products of a single row with a matrix. Memory limits them, so the matrix is read where it lies,
 * once and in order. Work is split by results, never along the reduction.
 */
public final class RowGemm {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Numbers of the matrix in a task, at least. */
  private static final int TASK = 1 << 15;

  /** Most tasks: each reads a piece of every row of B, which should be long. */
  private static final int TASKS = 4;

  /** Most tasks where each reads whole rows. */
  private static final int ROW_TASKS = 64;

  /** Rows of the matrix that are read at a time. */
  private static final int ROWS = 4;

  /** Results in a task, a multiple of it, so that tasks read whole cache lines. */
  private static final int UNIT = 64;

  private RowGemm() {}

  /**
   * {@code c = a op(B)}, or {@code c += a op(B)}.
   *
   * @param transB whether B is stored as [n, k] instead of [k, n]
   * @param n elements of c
   * @param k elements of a
   * @param ldb distance between stored rows of B
   */
  static void run(
      boolean transB,
      int n,
      int k,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      boolean accumulate) {
    long tasks = Math.min(transB ? ROW_TASKS : TASKS, (long) n * k / TASK + 1);
    int width = Gemm.blocks(Gemm.blocks(n, (int) tasks), UNIT) * UNIT;
    Parallel.run(
        Gemm.blocks(n, width),
        t -> {
          int from = t * width;
          int to = Math.min(n, from + width);
          if (!accumulate) {
            Arrays.fill(c, co + from, co + to, 0);
          }
          if (transB) {
            dots(k, a, ao, b, bo, ldb, from, to, c, co);
          } else {
            sums(k, a, ao, b, bo + from, ldb, c, co + from, to - from);
          }
        });
  }

  /**
   * On this thread, products of a with the rows from, ..., to - 1 of B, each added to the element
   * of c with its number.
   */
  public static void dots(
      int k, float[] a, int ao, float[] b, int bo, int ldb, int from, int to, float[] c, int co) {
    int j = from;
    for (; j + ROWS <= to; j += ROWS) {
      dot4(k, a, ao, b, bo + j * ldb, ldb, c, co + j);
    }
    for (; j < to; j++) {
      c[co + j] += dot(k, a, ao, b, bo + j * ldb);
    }
  }

  private static void dot4(
      int k, float[] a, int ao, float[] b, int b0, int ldb, float[] c, int co) {
    int b1 = b0 + ldb;
    int b2 = b1 + ldb;
    int b3 = b2 + ldb;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= k - VL; i += VL) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao + i);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, b0 + i), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, b1 + i), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, b2 + i), s2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, b3 + i), s3);
    }
    float r0 = VectorMath.sum(s0);
    float r1 = VectorMath.sum(s1);
    float r2 = VectorMath.sum(s2);
    float r3 = VectorMath.sum(s3);
    for (; i < k; i++) {
      float x = a[ao + i];
      r0 = Math.fma(x, b[b0 + i], r0);
      r1 = Math.fma(x, b[b1 + i], r1);
      r2 = Math.fma(x, b[b2 + i], r2);
      r3 = Math.fma(x, b[b3 + i], r3);
    }
    c[co] += r0;
    c[co + 1] += r1;
    c[co + 2] += r2;
    c[co + 3] += r3;
  }

  /** The same additions in the same order as {@link #dot4} does for each row. */
  private static float dot(int k, float[] a, int ao, float[] b, int bo) {
    FloatVector s = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= k - VL; i += VL) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, ao + i);
      s = x.fma(FloatVector.fromArray(SPECIES, b, bo + i), s);
    }
    float r = VectorMath.sum(s);
    for (; i < k; i++) {
      r = Math.fma(a[ao + i], b[bo + i], r);
    }
    return r;
  }

  /**
   * On this thread, adds k rows of B, multiplied by the elements of a, to c: the first first, as
   * {@link GemmKernel} does.
   *
   * @param count elements of a row
   */
  public static void sums(
      int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co, int count) {
    int i = 0;
    for (; i + ROWS <= k; i += ROWS) {
      add4(count, a, ao + i, b, bo + i * ldb, ldb, c, co);
    }
    for (; i < k; i++) {
      int row = bo + i * ldb;
      float x = a[ao + i];
      int j = 0;
      for (; j <= count - VL; j += VL) {
        FloatVector.broadcast(SPECIES, x)
            .fma(
                FloatVector.fromArray(SPECIES, b, row + j),
                FloatVector.fromArray(SPECIES, c, co + j))
            .intoArray(c, co + j);
      }
      for (; j < count; j++) {
        c[co + j] = Math.fma(x, b[row + j], c[co + j]);
      }
    }
  }

  private static void add4(
      int count, float[] a, int ao, float[] b, int b0, int ldb, float[] c, int co) {
    int b1 = b0 + ldb;
    int b2 = b1 + ldb;
    int b3 = b2 + ldb;
    float a0 = a[ao];
    float a1 = a[ao + 1];
    float a2 = a[ao + 2];
    float a3 = a[ao + 3];
    FloatVector x0 = FloatVector.broadcast(SPECIES, a0);
    FloatVector x1 = FloatVector.broadcast(SPECIES, a1);
    FloatVector x2 = FloatVector.broadcast(SPECIES, a2);
    FloatVector x3 = FloatVector.broadcast(SPECIES, a3);
    int j = 0;
    for (; j <= count - VL; j += VL) {
      FloatVector y = FloatVector.fromArray(SPECIES, c, co + j);
      y = x0.fma(FloatVector.fromArray(SPECIES, b, b0 + j), y);
      y = x1.fma(FloatVector.fromArray(SPECIES, b, b1 + j), y);
      y = x2.fma(FloatVector.fromArray(SPECIES, b, b2 + j), y);
      y = x3.fma(FloatVector.fromArray(SPECIES, b, b3 + j), y);
      y.intoArray(c, co + j);
    }
    for (; j < count; j++) {
      float y = Math.fma(a0, b[b0 + j], c[co + j]);
      y = Math.fma(a1, b[b1 + j], y);
      y = Math.fma(a2, b[b2 + j], y);
      c[co + j] = Math.fma(a3, b[b3 + j], y);
    }
  }
}
