package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.onnx.Onnx.GraphProto;
import tangram.tensor.Devices;

/** ONNX's own tests, of the Debian package libonnx-testdata (ONNX 1.12, opset 17). */
class ConformanceTest {
  /** Where the package keeps them. */
  static final Path INSTALLED = Path.of("/usr/share/libonnx-testdata/data");

  @TempDir private Path folder;

  /**
   * Seven of 1,072 tests do not pass: two of the operator Gradient are refused; four declare
   * another shape of an input than they give, and one expects numbers of an attribute that its
   * model lacks.
   */
  @Test
  void vector() {
    check("vector", 1065);
  }

  @Test
  void reference() {
    check("reference", 1064);
  }

  private static void check(String device, int floor) {
    if (!Files.exists(INSTALLED)) {
      String reason = "ONNX conformance is skipped: " + INSTALLED + " is not installed";
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    Conformance conformance = Conformance.run(INSTALLED, Devices.get(device));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    conformance.print(new PrintStream(text, true, StandardCharsets.UTF_8));
    int passed = conformance.count(Conformance.Outcome.PASSED);
    System.out.println(
        device + ", ONNX conformance: " + passed + " of " + conformance.tests().size());
    assertTrue(passed >= floor, text.toString(StandardCharsets.UTF_8));
  }

  /** What passes, what is wrong and what is refused are told apart. */
  @Test
  void outcomes() throws Exception {
    write("right", "Neg", -2);
    write("wrong", "Neg", 2);
    write("refused", "Foo", 0);
    Conformance conformance = Conformance.run(folder, Devices.get("vector"));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    conformance.print(new PrintStream(text, true, StandardCharsets.UTF_8));
    String report = text.toString(StandardCharsets.UTF_8);
    assertEquals(1, conformance.count(Conformance.Outcome.PASSED), report);
    assertEquals(1, conformance.count(Conformance.Outcome.REFUSED), report);
    assertTrue(report.contains("element 0 of shape [1] is -2.0 instead of 2.0"), report);
    assertTrue(report.strip().endsWith("ONNX conformance: 1 of 3"), report);
    FileFormatException none =
        org.junit.jupiter.api.Assertions.assertThrows(
            FileFormatException.class,
            () -> Conformance.run(folder.resolve("right/test_data_set_0"), Devices.get("vector")));
    assertTrue(none.getMessage().contains("model.onnx"), none.getMessage());
  }

  private void write(String name, String operator, float expected) throws Exception {
    Path set = Files.createDirectories(folder.resolve(name).resolve("test_data_set_0"));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(Fixtures.value("x", ElementType.FLOAT))
            .addOutput(Fixtures.value("y", ElementType.FLOAT))
            .addNode(Fixtures.node(operator, "x", "y"));
    Files.write(
        folder.resolve(name).resolve("model.onnx"),
        Fixtures.model(20, graph).build().toByteArray());
    Files.write(set.resolve("input_0.pb"), Messages.tensor("x", new float[] {2}).toByteArray());
    Files.write(
        set.resolve("output_0.pb"), Messages.tensor("y", new float[] {expected}).toByteArray());
  }
}
