package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusedTest {
  private static final Fused SWISH = Fused.of((x, beta) -> x.mul(x.mul(beta).sigmoid()));
  private static final Fused AFFINE = Fused.of(1, 2, (x, p) -> x[0].mul(p[0]).add(p[1]));

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void isTheFormulaWithItsDerivative(String name) {
    Device device = Devices.get(name);
    Tensor x = device.linspace(-2, 2, 12).reshape(3, 4).requireGrad();
    Tensor beta = device.tensor(new float[] {0.5f, 1, 2}, 3, 1).requireGrad();
    Tensor y = SWISH.apply(x, beta);
    Tensor x2 = x.detach().copy().requireGrad();
    Tensor beta2 = beta.detach().copy().requireGrad();
    Tensor y2 = x2.mul(x2.mul(beta2).sigmoid());
    assertArrayEquals(y2.toFloats(), y.toFloats());
    y.sum().backward();
    y2.sum().backward();
    assertArrayEquals(x2.grad().toFloats(), x.grad().toFloats(), 1e-6f);
    assertArrayEquals(beta2.grad().toFloats(), beta.grad().toFloats(), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void sumsWithoutAnArrayOfItsValues(String name) {
    Device device = Devices.get(name);
    Tensor x = device.arange(6).to(DType.F32).reshape(2, 3).requireGrad();
    Tensor y = SWISH.sum(new int[] {-1}, false, x, device.scalar(0));
    assertArrayEquals(new float[] {1.5f, 6}, y.toFloats());
    y.sum().backward();
    assertArrayEquals(new float[] {.5f, .5f, .5f, .5f, .5f, .5f}, x.grad().toFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void numbersAreToldAtEachCall(String name) {
    Tensor x = Devices.get(name).arange(3).to(DType.F32);
    assertArrayEquals(new float[] {1, 3, 5}, AFFINE.apply(new double[] {2, 1}, x).toFloats());
    assertArrayEquals(new float[] {0, 3, 6}, AFFINE.apply(new double[] {3, 0}, x).toFloats());
    assertEquals(
        "a fused formula of 1 arrays and 2 numbers was given 1 arrays and 0 numbers",
        assertThrows(IllegalArgumentException.class, () -> AFFINE.apply(x)).getMessage());
  }
}
