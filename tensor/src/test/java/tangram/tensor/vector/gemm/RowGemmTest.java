package tangram.tensor.vector.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.CounterRandom;
import tangram.tensor.vector.runtime.Parallel;

class RowGemmTest {
  @ParameterizedTest
  @CsvSource({
    "1,1",
    "7,3",
    "64,64",
    "65,33",
    "300,5",
    "5,300",
    "1000,257",
    "131,2050",
    "5000,66",
    "20011,9"
  })
  void agreesWithDoubleLoops(int n, int k) {
    for (int kind = 0; kind < 4; kind++) {
      boolean transB = (kind & 1) != 0;
      boolean accumulate = (kind & 2) != 0;
      int ldb = (transB ? k : n) + 3;
      float[] a = random(k + 5, 1);
      float[] b = random((transB ? n : k) * ldb + 3, 2);
      float[] c = random(n + 9, 3);
      float[] before = c.clone();
      RowGemm.run(transB, n, k, a, 5, b, 3, ldb, c, 4, accumulate);
      for (int j = 0; j < c.length; j++) {
        double sum = before[j];
        if (j >= 4 && j < 4 + n) {
          sum = accumulate ? before[j] : 0;
          for (int t = 0; t < k; t++) {
            int at = transB ? (j - 4) * ldb + t : t * ldb + j - 4;
            sum += (double) a[5 + t] * b[3 + at];
          }
        }
        assertEquals(sum, c[j], 1e-6 * k, "column " + j + " of kind " + kind);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1000,1257,false", "20011,40,false", "5000,66,true", "3001,700,true"})
  void threadsDoNotChangeBits(int n, int k, boolean transB) {
    int threads = Parallel.threads();
    try {
      float[][] results = new float[2][n];
      for (int i = 0; i < 2; i++) {
        Parallel.setThreads(1 + 2 * i);
        RowGemm.run(
            transB,
            n,
            k,
            random(k, 7),
            0,
            random(n * k, 8),
            0,
            transB ? k : n,
            results[i],
            0,
            false);
      }
      assertArrayEquals(results[0], results[1]);
    } finally {
      Parallel.setThreads(threads);
    }
  }

  private static float[] random(int n, int step) {
    CounterRandom random = new CounterRandom(5, 77, step, 0);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }
}
