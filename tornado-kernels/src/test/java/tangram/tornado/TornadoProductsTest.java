package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.Window;

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

  /** In groups, with strides and dilation, and with sums in parts. */
  @Test
  void convolutionsInPartsAreExact() {
    ConvShape shape =
        new ConvShape(
            1,
            80,
            140,
            2,
            new Window(3, 2, 1, 1, 0, 1),
            new Window(9, 3, 2, 1),
            new Window(7, 3, 1, 2, 2, 2));
    float[] x = numbers(1, shape.inputSize());
    float[] w = numbers(2, shape.weightSize());
    float[] bias = numbers(3, shape.k());
    float[] gy = numbers(4, shape.outputSize());
    assertTrue(Tiling.of(70, shape.outputVolume(), 40 * 18, 2, Tiling.SMALL).parts() > 1);
    float[][] expected = convolution(Devices.get("reference"), shape, x, w, bias, gy);
    float[][] actual = convolution(device, shape, x, w, bias, gy);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], 2e-5f, "result " + i);
    }
  }

  /** The result and the gradients of the input and the weights. */
  private static float[][] convolution(
      Device on, ConvShape shape, float[] x, float[] w, float[] bias, float[] gy) {
    try (Scope scope = Scope.open()) {
      Convolution kernels = on.kernels().convolution();
      Buffer xs = on.tensor(x, x.length).buffer();
      Buffer ws = on.tensor(w, w.length).buffer();
      Buffer gys = on.tensor(gy, gy.length).buffer();
      Tensor y = on.zeros(gy.length);
      Tensor gx = on.zeros(x.length);
      Tensor gw = on.zeros(w.length);
      kernels.convolution(shape, xs, ws, on.tensor(bias, bias.length).buffer(), y.buffer());
      kernels.convolutionInputGradient(shape, gys, ws, gx.buffer());
      kernels.convolutionWeightGradient(shape, xs, gys, gw.buffer());
      return new float[][] {y.toFloats(), gx.toFloats(), gw.toFloats()};
    }
  }
}
