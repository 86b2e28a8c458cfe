package tangram.tensor.vector.gemm;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Products of a single row with a matrix. Memory limits them, so the matrix is read once, where it
 * lies, at a few places at the same time, each of which moves through memory without a jump: that
 * is what the processor foresees. The number of threads does not decide how sums are cut.
 */
public final class RowGemm {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Numbers of the matrix whose products are added up by themselves. */
  private static final int PIECE = 1 << 18;

  /** Numbers of the matrix in a task whose rows give one result each. */
  private static final int TASK = 1 << 16;

  /** Places of the matrix that are read at the same time. */
  private static final int STREAMS = 4;

  /** Columns from which on parts of rows are long enough for a task, and sums take much memory. */
  private static final int WIDE = 1 << 13;

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
    if (!accumulate) {
      Arrays.fill(c, co, co + n, 0);
    }
    if (transB) {
      int width = STREAMS * Gemm.blocks(TASK / STREAMS, k);
      VectorTiles.run(n, width, (from, to) -> dots(k, a, ao, b, bo, ldb, from, to, c, co));
      return;
    }
    if (n > WIDE) {
      VectorTiles.run(
          n, WIDE, (from, to) -> sums(k, a, ao, b, bo + from, ldb, c, co + from, to - from));
      return;
    }
    int rows = STREAMS * Gemm.blocks(PIECE / STREAMS, n);
    int pieces = Gemm.blocks(k, rows);
    if (pieces == 1) {
      sums(k, a, ao, b, bo, ldb, c, co, n);
      return;
    }
    float[] parts = Scratch.floats(Scratch.ROW, (long) pieces * n + Scratch.ALIGNED);
    Parallel.run(
        pieces,
        t -> {
          int from = t * rows;
          int at = Scratch.ALIGNED + t * n;
          Arrays.fill(parts, at, at + n, 0);
          int count = Math.min(rows, k - from);
          sums(count, a, ao + from, b, bo + from * ldb, ldb, parts, at, n);
        });
    for (int t = 0; t < pieces; t++) {
      int at = Scratch.ALIGNED + t * n;
      for (int j = 0; j < n; j++) {
        c[co + j] += parts[at + j];
      }
    }
  }

  /**
   * On this thread, products of a with the rows from, ..., to - 1 of B, each added to the element
   * of c with its number.
   */
  public static void dots(
      int k, float[] a, int ao, float[] b, int bo, int ldb, int from, int to, float[] c, int co) {
    int part = (to - from) / STREAMS;
    for (int j = from; j < from + part; j++) {
      dot4(k, a, ao, b, bo + j * ldb, part * ldb, c, co + j, part);
    }
    for (int j = from + STREAMS * part; j < to; j++) {
      c[co + j] += dot(k, a, ao, b, bo + j * ldb);
    }
  }

  private static void dot4(
      int k, float[] a, int ao, float[] b, int b0, int step, float[] c, int co, int part) {
    int b1 = b0 + step;
    int b2 = b1 + step;
    int b3 = b2 + step;
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
    c[co + part] += r1;
    c[co + 2 * part] += r2;
    c[co + 3 * part] += r3;
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
   * On this thread, adds k rows of B, multiplied by the elements of a, to c.
   *
   * @param count elements of a row
   */
  public static void sums(
      int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co, int count) {
    int part = k / STREAMS;
    for (int i = 0; i < part; i++) {
      add4(count, a, ao + i, part, b, bo + i * ldb, part * ldb, c, co);
    }
    for (int i = STREAMS * part; i < k; i++) {
      add(count, a[ao + i], b, bo + i * ldb, c, co);
    }
  }

  private static void add4(
      int count, float[] a, int ao, int part, float[] b, int b0, int step, float[] c, int co) {
    int b1 = b0 + step;
    int b2 = b1 + step;
    int b3 = b2 + step;
    float a0 = a[ao];
    float a1 = a[ao + part];
    float a2 = a[ao + 2 * part];
    float a3 = a[ao + 3 * part];
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

  private static void add(int count, float x, float[] b, int bo, float[] c, int co) {
    FloatVector xs = FloatVector.broadcast(SPECIES, x);
    int j = 0;
    for (; j <= count - VL; j += VL) {
      FloatVector y = FloatVector.fromArray(SPECIES, c, co + j);
      xs.fma(FloatVector.fromArray(SPECIES, b, bo + j), y).intoArray(c, co + j);
    }
    for (; j < count; j++) {
      c[co + j] = Math.fma(x, b[bo + j], c[co + j]);
    }
  }
}
