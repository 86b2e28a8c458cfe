package tangram.tensor.vector.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.vector.runtime.Parallel;

public class GemmTest {
  private final int before = Parallel.threads();

  @AfterEach
  void restore() {
    Parallel.setThreads(before);
  }

  public static float[] random(Random random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = random.nextFloat() * 2 - 1;
    }
    return x;
  }

  private static void naive(
      boolean ta,
      boolean tb,
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean accumulate,
      double[] want) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = accumulate ? c[co + i * ldc + j] : 0;
        for (int t = 0; t < k; t++) {
          double x = a[ao + (ta ? t * lda + i : i * lda + t)];
          double y = b[bo + (tb ? j * ldb + t : t * ldb + j)];
          sum += x * y;
        }
        want[i * n + j] = sum;
      }
    }
  }

  private static void check(Random random, int m, int n, int k, int pad) {
    for (int variant = 0; variant < 8; variant++) {
      boolean ta = (variant & 1) != 0;
      boolean tb = (variant & 2) != 0;
      boolean accumulate = (variant & 4) != 0;
      int lda = (ta ? m : k) + pad;
      int ldb = (tb ? k : n) + pad;
      int ldc = n + pad;
      float[] a = random(random, 3 + (ta ? k : m) * lda);
      float[] b = random(random, 5 + (tb ? n : k) * ldb);
      float[] c = random(random, 7 + m * ldc);
      float[] untouched = c.clone();
      double[] want = new double[m * n];
      naive(ta, tb, m, n, k, a, 3, lda, b, 5, ldb, c, 7, ldc, accumulate, want);
      Gemm.sgemm(ta, tb, m, n, k, a, 3, lda, b, 5, ldb, c, 7, ldc, accumulate);
      String what = m + "x" + n + "x" + k + " variant " + variant;
      for (int p = 0; p < c.length; p++) {
        int i = (p - 7) / ldc;
        int j = (p - 7) % ldc;
        if (p < 7 || j >= n) {
          assertEquals(untouched[p], c[p], what + ": wrote outside C at " + p);
        } else {
          assertEquals(want[i * n + j], c[p], 1e-6 * (k + 1), what + " at " + i + "," + j);
        }
      }
    }
  }

  @Test
  void agreesWithTheDefinitionOnAwkwardSizes() {
    Random random = new Random(1);
    int[] sizes = {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 31, 32, 33, 40};
    for (int m : sizes) {
      for (int n : sizes) {
        check(random, m, n, 1 + random.nextInt(40), random.nextInt(3));
      }
    }
  }

  @Test
  void agreesWithTheDefinitionAcrossBlockBoundaries() {
    Random random = new Random(2);
    check(random, 70, 150, 300, 1);
    check(random, 257, 33, 513, 0);
    check(random, 300, 300, 130, 2);
    check(random, 16, 1030, 144, 0);
    check(random, 5, 7, 2000, 0);
  }

  @Test
  void emptyReductionIsZero() {
    float[] c = {1, 2, 3, 4};
    Gemm.sgemm(false, false, 2, 2, 0, new float[0], 0, 0, new float[0], 0, 2, c, 0, 2, true);
    assertArrayEquals(new float[] {1, 2, 3, 4}, c);
    Gemm.sgemm(false, false, 2, 2, 0, new float[0], 0, 0, new float[0], 0, 2, c, 0, 2, false);
    assertArrayEquals(new float[4], c);
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    Random random = new Random(3);
    int[][] shapes = {{200, 300, 700}, {16, 5000, 144}, {600, 20, 90}, {1568, 192, 192}};
    for (int[] s : shapes) {
      float[] a = random(random, s[0] * s[2]);
      float[] b = random(random, s[2] * s[1]);
      for (int variant = 0; variant < 4; variant++) {
        boolean ta = variant % 2 == 1;
        boolean tb = variant / 2 == 1;
        int lda = ta ? s[0] : s[2];
        int ldb = tb ? s[2] : s[1];
        float[] first = null;
        for (int threads : new int[] {1, 2, 3, 4, 9}) {
          Parallel.setThreads(threads);
          float[] c = new float[s[0] * s[1]];
          Gemm.sgemm(ta, tb, s[0], s[1], s[2], a, 0, lda, b, 0, ldb, c, 0, s[1], false);
          if (first == null) {
            first = c;
          }
          assertArrayEquals(first, c);
        }
      }
    }
  }

  @Test
  void tasksKeepAllThreadsBusy() {
    int[][] panels = {{196, 6}, {49, 12}, {13, 24}, {784, 3}, {1, 400}};
    for (int threads : new int[] {2, 3, 8}) {
      Parallel.setThreads(threads);
      for (int[] p : panels) {
        Split split = Split.of(p[0], p[1], 192, 3, 8);
        int high = Gemm.blocks(p[0], split.rows());
        int wide = Gemm.blocks(p[1], split.columns());
        int rounds = Gemm.blocks(split.tasks(), threads);
        double busy = (double) p[0] * p[1] / (high * wide * rounds * threads);
        assertTrue(busy > 0.7, p[0] + " x " + p[1] + " panels, " + threads + " threads: " + split);
      }
    }
    Parallel.setThreads(1);
    assertEquals(1, Split.of(196, 6, 192, 3, 8).rows());
  }

  @Test
  void batchEqualsSingleProducts() {
    Random random = new Random(4);
    int[][] shapes = {
      {49, 49, 16, 40}, {5, 3, 4, 300}, {65, 64, 70, 3}, {200, 190, 150, 2}, {4, 4, 0, 3}
    };
    for (int[] s : shapes) {
      int m = s[0];
      int n = s[1];
      int k = s[2];
      int batch = s[3];
      for (int variant = 0; variant < 16; variant++) {
        boolean ta = (variant & 1) != 0;
        boolean tb = (variant & 2) != 0;
        boolean accumulate = (variant & 4) != 0;
        int aStride = (variant & 8) != 0 ? 0 : m * k + 3;
        int lda = ta ? m : k;
        int ldb = tb ? k : n;
        float[] a = random(random, 1 + batch * (m * k + 3));
        float[] b = random(random, 2 + batch * n * k);
        float[] c = random(random, 3 + batch * (m * n + 1));
        float[] want = c.clone();
        for (int i = 0; i < batch; i++) {
          Gemm.sgemm(
              ta,
              tb,
              m,
              n,
              k,
              a,
              1 + i * aStride,
              lda,
              b,
              2 + i * n * k,
              ldb,
              want,
              3 + i * (m * n + 1),
              n,
              accumulate);
        }
        Gemm.sgemmBatched(
            batch,
            ta,
            tb,
            m,
            n,
            k,
            a,
            1,
            aStride,
            lda,
            b,
            2,
            n * k,
            ldb,
            c,
            3,
            m * n + 1,
            n,
            accumulate);
        assertArrayEquals(want, c);
      }
    }
  }

  @Test
  void badArgumentsAreRefused() {
    float[] x = new float[12];
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.sgemm(false, false, 2, 2, 3, x, 0, 2, x, 0, 2, x.clone(), 0, 2, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.sgemm(false, false, -1, 2, 3, x, 0, 3, x, 0, 2, x.clone(), 0, 2, false));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Gemm.sgemm(false, false, 4, 3, 3, x, 1, 3, x, 0, 3, x.clone(), 0, 3, false));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Gemm.sgemmBatched(
                2, false, false, 2, 2, 2, x, 0, 4, 2, x, 0, 4, 2, x.clone(), 0, 3, 2, false));
  }
}
