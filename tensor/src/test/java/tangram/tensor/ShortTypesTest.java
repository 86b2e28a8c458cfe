package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.RandomOp;

/** {@code F16} and {@code BF16} are kept short and computed in single precision. */
class ShortTypesTest {
  private static final double[] VALUES = {
    0,
    -0.0,
    1,
    -1,
    1 / 3.0,
    1e-8,
    65504,
    65520,
    1e38,
    1 + 1 / 2048.0,
    1 + 3 / 2048.0,
    1 + 1 / 256.0,
    Double.NaN,
    Double.NEGATIVE_INFINITY
  };

  private static final float I = Float.POSITIVE_INFINITY;

  private static Tensor tensor(String device, DType type, double... values) {
    return Devices.get(device).uninitialized(type, Shape.of(values.length)).copyFrom(values, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void roundToTheNearestEven(String device) {
    // As torch.tensor(values).half() and bfloat16() print.
    assertArrayEquals(
        new float[] {
          0,
          -0f,
          1,
          -1,
          0.333251953125f,
          0,
          65504,
          I,
          I,
          1,
          1.001953125f,
          1.00390625f,
          Float.NaN,
          -I
        },
        tensor(device, DType.F16, VALUES).toFloats());
    assertArrayEquals(
        new float[] {
          0,
          -0f,
          1,
          -1,
          0.333984375f,
          1.0011717677116394e-08f,
          65536,
          65536,
          9.969209968386869e+37f,
          1,
          1,
          1,
          Float.NaN,
          -I
        },
        tensor(device, DType.BF16, VALUES).toFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void meetAsInPyTorch(String device) {
    Tensor half = tensor(device, DType.F16, 1, 2, 3);
    Tensor brain = tensor(device, DType.BF16, 1, 2, 3);
    Tensor single = tensor(device, DType.F32, 1, 2, 3);
    assertEquals(DType.F16, half.add(half).type());
    assertEquals(DType.F16, half.exp().type());
    assertEquals(DType.F16, half.mul(0.1).type());
    assertEquals(DType.F32, half.add(brain).type());
    assertEquals(DType.F32, brain.mul(single).type());
    assertEquals(DType.BF16, brain.sum().type());
    assertEquals(DType.BF16, brain.add(Devices.get(device).arange(3)).type());
    assertArrayEquals(new float[] {4, 8, 12}, half.add(brain).mul(2).toFloats());
    assertEquals("[1. 2. 3.]", half.toString());
  }

  /** 4,096 ones have a sum that half precision cannot count up to, one by one. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void sumInSinglePrecision(String device) {
    Tensor ones = Devices.get(device).ones(4096).to(DType.F16);
    assertEquals(4096, ones.sum().item());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void moveAndSortAndDifferentiate(String device) {
    Tensor x = tensor(device, DType.F16, 3, -1, 2, 0.5).requireGrad();
    Tensor places = Devices.get(device).tensor(new int[] {2, 0, 2}, 3);
    x.reshape(2, 2).t().flatten(0, 1).indexSelect(0, places).square().sum().backward();
    assertEquals(DType.F16, x.grad().type());
    assertArrayEquals(new float[] {6, -4, 0, 0}, x.grad().toFloats());
    assertArrayEquals(new float[] {-1, 0.5f, 2, 3}, x.detach().sort(0, false).values().toFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void otherOperationsSayWhatToDo(String device) {
    Tensor x = Devices.get(device).ones(2, 2).to(DType.BF16);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LinearOp.linear(x, x, null));
    assertTrue(e.getMessage().contains("to(DType.F32)"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void randomNumbers(String name) {
    Device device = Devices.get(name);
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      Tensor u = RandomOp.uniform(device, new Generator(4), type, Shape.of(4000));
      assertTrue(u.min().item() >= 0 && u.max().item() < 1, u.max().toString());
      assertEquals(0.5, u.to(DType.F32).mean().item(), 0.02);
      Tensor n = RandomOp.normal(device, new Generator(5), type, Shape.of(4000));
      assertEquals(1, n.to(DType.F32).std().item(), 0.05);
      Tensor ones = device.full(1, type, Shape.of(4000));
      assertEquals(4000, ones.bernoulli(new Generator(6)).to(DType.F32).sum().item());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "vector"})
  void attentionAsksForSinglePrecision(String device) {
    Tensor x = tensor(device, DType.F16, 1, 2).reshape(2, 1);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> x.scaledDotProductAttention(x, x));
    assertTrue(e.getMessage().contains("needs F32 or F64, not F16"), e.getMessage());
  }
}
