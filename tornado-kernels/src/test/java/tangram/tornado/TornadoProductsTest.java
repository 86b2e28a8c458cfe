package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.GemmShape;

/** Products with tiles of both sizes, and with sums in parts, compared with double precision. */
class TornadoProductsTest {
  private final Device device = Devices.get("tornado");

  private static float[] numbers(long seed, int length) {
    Random random = new Random(seed);
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return numbers;
  }

  private float[] product(GemmShape shape, float[] a, float[] b, float[] c) {
    try (Scope scope = Scope.open()) {
      Tensor result = device.tensor(c, c.length);
      device
          .kernels()
          .linearAlgebra()
          .gemm(
              shape,
              device.tensor(a, a.length).buffer(),
              device.tensor(b, b.length).buffer(),
              result.buffer(),
              true);
      return result.toFloats();
    }
  }

  /** The last columns say which tile and how many parts the sizes lead to. */
  @ParameterizedTest(name = "{0} x {1}, {2} steps, {3} of them")
  @CsvSource({
    "5, 7, 4099, 1, 64, 33",
    "65, 70, 1031, 1, 64, 9",
    "96, 48, 3001, 2, 64, 24",
    "64, 64, 64, 1, 64, 1",
    "1, 1, 0, 1, 64, 1",
    "1400, 1530, 9, 1, 128, 1",
  })
  void areExact(int m, int n, int k, int batch, int tile, int parts) {
    Tiling tiling = Tiling.of(m, n, k, batch, Tiling.ALL);
    assertEquals(tile + ", " + parts, tiling.tile() + ", " + tiling.parts());
    for (boolean transA : new boolean[] {false, true}) {
      for (boolean transB : new boolean[] {false, true}) {
        GemmShape shape = new GemmShape(batch, transA, transB, m, n, k, m * k, k * n);
        float[] a = numbers(1, batch * m * k);
        float[] b = numbers(2, batch * k * n);
        float[] c = numbers(3, batch * m * n);
        float[] actual = product(shape, a, b, c);
        double allowed = 1e-6 * Math.sqrt(k + 1);
        for (int i = 0; i < c.length; i += 1 + c.length / 9973) {
          double expected = c[i];
          for (int l = 0; l < k; l++) {
            int row = i / n % m;
            int col = i % n;
            int of = i / n / m;
            expected +=
                (double) a[of * m * k + (transA ? l * m + row : row * k + l)]
                    * b[of * k * n + (transB ? col * k + l : l * n + col)];
          }
          assertEquals(expected, actual[i], allowed, shape + ", element " + i);
        }
        assertArrayEquals(actual, product(shape, a, b, c), "another run");
      }
    }
  }

  @Test
  void oneStepThatIsNotANumberSpoilsItsRow() {
    int m = 66;
    int n = 67;
    int k = 2051;
    float[] a = numbers(1, m * k);
    a[65 * k + 2050] = Float.NaN;
    float[] c =
        product(GemmShape.of(false, false, m, n, k), a, numbers(2, k * n), numbers(3, m * n));
    for (int i = 0; i < c.length; i++) {
      assertEquals(i / n == 65, Float.isNaN(c[i]), "element " + i);
    }
  }

  /** Long sums of few elements, which would otherwise keep few processors busy. */
  @Test
  void longSumsAreSpreadOverTheDevice() {
    for (int rows : new int[] {96, 384}) {
      for (int cols : new int[] {96, 288}) {
        Tiling tiling = Tiling.of(rows, cols, 196_608, 1, Tiling.ALL);
        int tiles = Launch.blocks(rows, tiling.tile()) * Launch.blocks(cols, tiling.tile());
        assertTrue(tiles * tiling.parts() >= 128, tiling + " for " + rows + " x " + cols);
      }
    }
  }
}
