package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.ConvOp.conv2d;

import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.op.JoinOp;

class ProfiledDeviceTest {
  private final Device plain = Devices.get("vector");
  private final ProfiledDevice device = new ProfiledDevice(plain);

  private static float[] run(Device device) {
    try (Scope scope = Scope.open()) {
      float[] pixels = new float[2 * 3 * 8 * 8];
      float[] weights = new float[4 * 3 * 3 * 3];
      CounterRandom random = new CounterRandom(1, 0, 0, 0);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = random.nextFloat() - 0.5f;
      }
      for (int i = 0; i < weights.length; i++) {
        weights[i] = random.nextFloat() - 0.5f;
      }
      Tensor x = device.tensor(pixels, 2, 3, 8, 8);
      Tensor w = device.tensor(weights, 4, 3, 3, 3);
      return conv2d(x, w, null, 1, 1).relu().toFloats();
    }
  }

  @Test
  void computesAsTheOtherDoesAndCountsTheWork() {
    assertArrayEquals(run(plain), run(device));
    List<KernelTimes.Entry> entries = device.times().entries();
    KernelTimes.Entry conv =
        entries.stream().filter(e -> e.name().equals("convolution 3x3")).findFirst().orElseThrow();
    assertEquals(1, conv.calls());
    assertEquals(2L * 2 * 4 * 64 * 27, conv.flops());
    assertEquals(4L * (2 * 3 * 64 + 4 * 27 + 2 * 4 * 64), conv.bytes());
    assertTrue(conv.nanos() > 0);
    KernelTimes.Entry relu =
        entries.stream().filter(e -> e.name().equals("map relu")).findFirst().orElseThrow();
    assertEquals(0, relu.flops());
    assertEquals(4L * 2 * (2 * 4 * 64), relu.bytes());
  }

  @Test
  void callsMadeTogetherCountTheOperandsOfAll() {
    JoinOp.cat(0, device.full(1, 10), device.full(2, 20));
    KernelTimes.Entry joined =
        device.times().entries().stream()
            .filter(e -> e.name().startsWith("mapAll"))
            .findFirst()
            .orElseThrow();
    assertEquals("mapAll copy", joined.name());
    assertEquals(4L * 2 * 30, joined.bytes());
  }

  @Test
  void tellsWhoHeldTheMemoryAtItsMost() {
    try (Scope scope = Scope.open()) {
      Tensor x = device.full(-1, 1000).requireGrad();
      device.accountMemory(true);
      x.relu().relu().backward(device.full(1, 1000));
      device.accountMemory(false);
      device.full(1, 100000);
    }
    List<TensorMemory.Entry> uses = device.memory().entries();
    assertEquals(
        List.of("Map 8064", "Map, gradient 4032", "held before 4032", "other 8064"),
        uses.stream().map(e -> e.name() + " " + e.bytes()).sorted().toList());
  }

  @Test
  void sumsUpCallsOfAKind() {
    run(device);
    KernelTimes sum = new KernelTimes();
    sum.add(device.times());
    sum.add(device.times());
    KernelTimes.Entry conv =
        sum.entries().stream()
            .filter(e -> e.name().equals("convolution 3x3"))
            .findFirst()
            .orElseThrow();
    assertEquals(2, conv.calls());
    device.times().clear();
    assertEquals(List.of(), device.times().entries());
  }

  @Test
  void exceptionsOfKernelsComeThroughAsTheyAre() {
    Tensor small = device.full(1, 2, 2);
    Buffer b = small.buffer();
    RuntimeException expected =
        assertThrows(
            RuntimeException.class,
            () ->
                plain
                    .kernels()
                    .linearAlgebra()
                    .gemm(GemmShape.of(false, false, 1 << 20, 64, 64), b, b, b, false));
    RuntimeException actual =
        assertThrows(
            RuntimeException.class,
            () ->
                device
                    .kernels()
                    .linearAlgebra()
                    .gemm(GemmShape.of(false, false, 1 << 20, 64, 64), b, b, b, false));
    assertSame(expected.getClass(), actual.getClass());
  }
}
