package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tangram.onnx.Conformance;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** ONNX models on the device, with values of types that it lacks on the CPU. */
class TornadoOnnxTest {
  private static final Path INSTALLED = Path.of("/usr/share/libonnx-testdata/data");
  private static final int FLOOR = 1065;

  /** ONNX's own tests, of the Debian package libonnx-testdata. */
  @Test
  void conformance() {
    if (!Files.exists(INSTALLED)) {
      String reason = "ONNX conformance is skipped: " + INSTALLED + " is not installed";
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    Conformance conformance = Conformance.run(INSTALLED, Devices.get("tornado"));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    conformance.print(new PrintStream(text, true, StandardCharsets.UTF_8));
    int passed = conformance.count(Conformance.Outcome.PASSED);
    System.out.println(
        "tornado, ONNX conformance: " + passed + " of " + conformance.tests().size());
    assertTrue(passed >= FLOOR, text.toString(StandardCharsets.UTF_8));
  }

  /** Copies from device to device, and gradients back. */
  @Test
  void transfers() {
    Device tornado = Devices.get("tornado");
    Device vector = Devices.get("vector");
    try (Scope scope = Scope.open()) {
      Tensor x = vector.tensor(new float[] {1, -2, 3}).requireGrad();
      Tensor there = x.to(tornado);
      assertSame(tornado, there.device());
      assertSame(there, there.to(tornado));
      there.square().to(vector).mul(2).sum().backward();
      assertArrayEquals(new float[] {4, -8, 12}, x.grad().toFloats());
      assertArrayEquals(
          new boolean[] {false, true},
          vector.tensor(new boolean[] {false, true}, 2).to(tornado).to(vector).toBooleans());
      assertFalse(tornado.has(DType.I64));
      assertTrue(tornado.has(DType.I32));
      assertThrows(DeviceException.class, () -> vector.tensor(new long[] {1}, 1).to(tornado));
    }
  }
}
