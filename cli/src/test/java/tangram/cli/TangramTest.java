package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.Terminal;
import tangram.nn.data.Npy;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** The command {@code tangram}. */
class TangramTest {
  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, 80);
    int code = Program.execute(Tangram.commandLine(terminal), arguments);
    return new Result(code, out.toString(), err.toString());
  }

  /** A sum, as ONNX's Protocol Buffers spell it: c = a + b of two numbers each. */
  private Path model() throws Exception {
    byte[] name = {'a'};
    byte[][] values = {value(0x5a, 'a'), value(0x5a, 'b'), value(0x62, 'c')};
    byte[] node =
        field(0x0a, join(field(0x0a, "a"), field(0x0a, "b"), field(0x12, "c"), field(0x22, "Add")));
    byte[] graph = join(node, field(0x12, name), values[0], values[1], values[2]);
    byte[] opset = {0x10, 17};
    byte[] all = join(new byte[] {0x08, 8}, field(0x3a, graph), field(0x42, opset));
    return Files.write(folder.resolve("sum.onnx"), all);
  }

  private static byte[] value(int tag, char name) {
    byte[] dim = field(0x0a, new byte[] {0x08, 2});
    byte[] type = field(0x0a, join(new byte[] {0x08, 1}, field(0x12, dim)));
    return field(tag, join(field(0x0a, String.valueOf(name)), field(0x12, type)));
  }

  private static byte[] field(int tag, String text) {
    return field(tag, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static byte[] field(int tag, byte[] content) {
    return join(new byte[] {(byte) tag, (byte) content.length}, content);
  }

  private static byte[] join(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void modelsAreDescribedAndRun() throws Exception {
    String model = model().toString();
    Result info = run("onnx", "info", model);
    assertEquals(0, info.code, info.err);
    assertTrue(info.out.contains("input     a float[2]"), info.out);
    Path a = folder.resolve("a.npy");
    Npy.write(device.tensor(new float[] {1, 2}), a);
    Path results = folder.resolve("results");
    Result run =
        run(
            "onnx",
            "run",
            model,
            "--input",
            "a=" + a,
            "--input",
            "b=" + a,
            "--output",
            results.toString());
    assertEquals(0, run.code, run.err);
    assertTrue(run.out.contains("output c: float[2] [2. 4.]"), run.out);
    Tensor sum = Npy.read(results.resolve("c.npy"), device);
    assertEquals(6, sum.sum().item());
  }

  @Test
  void conformanceIsCounted() throws Exception {
    Path test = Files.createDirectories(folder.resolve("test_sum"));
    Files.copy(model(), test.resolve("model.onnx"));
    Path set = Files.createDirectories(test.resolve("test_data_set_0"));
    Files.write(set.resolve("input_0.pb"), tensor('a', 0x3f80));
    Files.write(set.resolve("input_1.pb"), tensor('b', 0x3f80));
    Files.write(set.resolve("output_0.pb"), tensor('c', 0x4000));
    Result right = run("onnx", "conformance", folder.toString());
    assertEquals(0, right.code, right.out + right.err);
    assertTrue(right.out.strip().endsWith("ONNX conformance: 1 of 1"), right.out);
    Files.write(set.resolve("output_0.pb"), tensor('c', 0x4040));
    Result wrong = run("onnx", "conformance", folder.toString());
    assertEquals(Program.FAILED, wrong.code);
    assertTrue(wrong.out.strip().endsWith("ONNX conformance: 0 of 1"), wrong.out);
  }

  /** Two equal numbers of single precision, of which the upper half is given. */
  private static byte[] tensor(char name, int upper) {
    byte[] data = {
      0, 0, (byte) upper, (byte) (upper >> 8), 0, 0, (byte) upper, (byte) (upper >> 8)
    };
    return join(
        new byte[] {0x08, 2, 0x10, 1}, field(0x42, String.valueOf(name)), field(0x4a, data));
  }

  @Test
  void errorsAreOneSentence() {
    for (String[] arguments :
        new String[][] {
          {"onnx", "info", folder.resolve("none.onnx").toString()},
          {"onnx", "run", folder.resolve("none.onnx").toString()},
          {"onnx", "conformance", folder.resolve("none").toString()},
          {"onnx"},
          {"onx"},
          {"onnx", "info", "x.onnx", "--device", "warp"},
        }) {
      Result result = run(arguments);
      assertTrue(result.code == Program.FAILED || result.code == Program.USAGE, result.err);
      assertEquals(1, result.err.strip().lines().count(), result.err);
    }
  }
}
