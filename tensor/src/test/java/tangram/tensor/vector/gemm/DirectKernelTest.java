package tangram.tensor.vector.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiles with A where it lies, also those that only wider vectors use, and panels of any rows. */
class DirectKernelTest {
  private static final int NR = GemmKernel.NR;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void tilesOfAnyNumberOfRows(int rows) {
    for (int cols : new int[] {NR, NR - 1, 1}) {
      for (boolean accumulate : new boolean[] {false, true}) {
        check(rows, cols, accumulate);
      }
    }
  }

  private static void check(int rows, int cols, boolean accumulate) {
    Random random = new Random(rows);
    int kc = 37;
    int rowStep = 50;
    int ldc = NR + 3;
    float[] a = gaussian(random, rows * rowStep + 5);
    float[] b = gaussian(random, kc * NR + 3);
    float[] c = gaussian(random, rows * ldc + 7);
    float[] before = c.clone();
    float[] init = gaussian(random, rows * NR);
    DirectKernel.tile(
        kc, rows, cols, a, 5, rowStep, b, 3, c, 7, ldc, init, 0, NR, accumulate, new float[8 * NR]);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < ldc; j++) {
        int at = 7 + i * ldc + j;
        float expected = before[at];
        if (j < cols) {
          expected = accumulate ? before[at] : init[i * NR + j];
          for (int t = 0; t < kc; t++) {
            expected = Math.fma(a[5 + i * rowStep + t], b[3 + t * NR + j], expected);
          }
        }
        assertEquals(expected, c[at], "row " + i + ", column " + j + " of " + rows + "x" + cols);
      }
    }
  }

  /** Panels cover the rows in order, and no panel has more than three rows too many. */
  @Test
  void panelsCoverTheRows() {
    for (int m = 1; m <= 200; m++) {
      int panels = GemmKernel.panels(m);
      int next = 0;
      for (int p = 0; p < panels; p++) {
        assertEquals(next, GemmKernel.panelStart(m, p), "panel " + p + " of " + m + " rows");
        next += GemmKernel.panelRows(m, p);
      }
      assertEquals(next, GemmKernel.paddedRows(m), m + " rows");
      assertEquals(Math.clamp(next - m, 0, 3), next - m, m + " rows");
    }
  }

  private static float[] gaussian(Random random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
