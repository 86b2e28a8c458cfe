package tangram.tensor.vector.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.CounterRandom;
import tangram.tensor.vector.runtime.Parallel;

class TallGemmTest {
  @ParameterizedTest
  @CsvSource({"48,48,2048", "4,48,2100", "13,7,3000", "50,60,5001", "1,1,4096"})
  void reductionAgreesWithDoubleLoops(int m, int n, int k) {
    for (boolean accumulate : new boolean[] {false, true}) {
      float[] a = random(m * k + 5, 4);
      float[] b = random(n * k + 3, 5);
      float[] c = random(m * n + 7, 6);
      float[] before = c.clone();
      TallGemm.reduction(m, n, k, a, 5, b, 3, c, 4, accumulate);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = accumulate ? before[4 + i * n + j] : 0;
          for (int t = 0; t < k; t++) {
            sum += (double) a[5 + t * m + i] * b[3 + t * n + j];
          }
          assertEquals(sum, c[4 + i * n + j], 1e-5 * Math.sqrt(k), i + "," + j);
        }
      }
      assertUntouched(before, c, 4, m * n);
    }
  }

  @ParameterizedTest
  @CsvSource({"2048,48,48", "3001,20,33"})
  void threadsDoNotChangeBits(int m, int n, int k) {
    int threads = Parallel.threads();
    try {
      float[][] sums = new float[3][];
      for (int i = 0; i < 3; i++) {
        Parallel.setThreads(1 << i);
        sums[i] = new float[k * n];
        TallGemm.reduction(k, n, m, random(m * k, 7), 0, random(m * n, 9), 0, sums[i], 0, false);
      }
      for (int i = 1; i < 3; i++) {
        assertTrue(java.util.Arrays.equals(sums[0], sums[i]));
      }
    } finally {
      Parallel.setThreads(threads);
    }
  }

  private static void assertUntouched(float[] before, float[] after, int from, int count) {
    for (int i = 0; i < before.length; i++) {
      if (i < from || i >= from + count) {
        assertEquals(before[i], after[i], "element " + i);
      }
    }
  }

  private static float[] random(int n, int purpose) {
    CounterRandom random = new CounterRandom(0, purpose, 0, 0);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }
}
