package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Operators that came after opset 17, which the installed conformance tests do not have; numbers of
 * tools/parity/onnx_operators.py.
 */
class OnnxOperatorsTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> operators() {
    List<DynamicTest> tests = new ArrayList<>();
    int number = 0;
    for (JsonNode test : Fixtures.json("operators.json")) {
      number++;
      for (String device : List.of("reference", "vector")) {
        String name = number + " " + test.get("operator").asText() + " " + device;
        Path file = folder.resolve(number + ".onnx");
        tests.add(DynamicTest.dynamicTest(name, () -> check(test, file, Devices.get(device))));
      }
    }
    return tests.stream();
  }

  private static void check(JsonNode test, Path file, Device device) throws IOException {
    Map<String, OnnxData> given = new LinkedHashMap<>();
    GraphProto.Builder graph = GraphProto.newBuilder().setName("one");
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(test.get("operator").asText());
    for (JsonNode input : test.get("inputs")) {
      String name = input.isNull() ? "" : "x" + given.size();
      node.addInput(name);
      if (!input.isNull()) {
        OnnxTensor tensor = Fixtures.tensor(device, input);
        given.put(name, tensor);
        graph.addInput(Fixtures.value(name, tensor.type()));
      }
    }
    List<OnnxTensor> expected = new ArrayList<>();
    for (JsonNode output : test.get("outputs")) {
      node.addOutput("y" + expected.size());
      graph.addOutput(Fixtures.value("y" + expected.size(), null));
      expected.add(Fixtures.tensor(device, output));
    }
    test.get("attributes")
        .properties()
        .forEach(a -> node.addAttribute(Fixtures.of(a.getKey(), a.getValue())));
    graph.addNode(node);
    Files.write(file, Fixtures.model(test.get("opset").asInt(), graph).build().toByteArray());
    OnnxModule module = new OnnxModule(OnnxModel.read(file), device);
    try (Autograd.Guard inference = Autograd.noGrad()) {
      Map<String, OnnxData> results = module.run(given);
      for (int i = 0; i < expected.size(); i++) {
        assertAlike(expected.get(i), (OnnxTensor) results.get("y" + i));
      }
    }
    if (device.realBytes() == Double.BYTES && expected.get(0).type() == ElementType.FLOAT) {
      checkDerivatives(module, given);
    }
  }

  /** By each input that is trained, along a random direction, against a central difference. */
  private static void checkDerivatives(OnnxModule module, Map<String, OnnxData> given) {
    Random random = new Random(0);
    double step = 1e-6;
    for (Map.Entry<String, OnnxData> input : given.entrySet()) {
      OnnxTensor x = (OnnxTensor) input.getValue();
      if (x.type() != ElementType.FLOAT || x.size() == 0) {
        continue;
      }
      double[] direction = random.doubles(x.size(), -1, 1).toArray();
      try (Scope scope = Scope.open()) {
        String name = input.getKey();
        double numeric =
            (loss(module, given, name, moved(x, direction, step)).item()
                    - loss(module, given, name, moved(x, direction, -step)).item())
                / (2 * step);
        Tensor derived = moved(x, direction, 0).requireGrad();
        Tensor loss = loss(module, given, name, derived);
        assertTrue(loss.requiresGrad(), "no gradient by " + name);
        loss.backward();
        double[] gradient = derived.grad().toDoubles();
        double analytic = 0;
        for (int i = 0; i < gradient.length; i++) {
          analytic += gradient[i] * direction[i];
        }
        double size = Math.max(1, Math.abs(numeric));
        assertEquals(numeric, analytic, 1e-5 * size, "derivative by " + name);
      }
    }
  }

  private static Tensor moved(OnnxTensor x, double[] direction, double step) {
    double[] moved = x.doubles();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    return x.tensor().device().tensor(moved, x.dims());
  }

  /** A weighted sum of the first output, with another input. */
  private static Tensor loss(
      OnnxModule module, Map<String, OnnxData> given, String name, Tensor other) {
    Map<String, OnnxData> inputs = new LinkedHashMap<>(given);
    inputs.put(name, OnnxTensor.of(other));
    Tensor y = ((OnnxTensor) module.run(inputs).get("y0")).tensor();
    return y.reshape(y.size()).mul(y.device().linspace(-1, 1, y.size())).sum();
  }

  private static void assertAlike(OnnxTensor expected, OnnxTensor actual) {
    assertEquals(expected.type(), actual.type());
    assertArrayEquals(expected.dims(), actual.dims());
    if (expected.texts() != null) {
      assertArrayEquals(expected.strings(), actual.strings());
      return;
    }
    if (expected.type().isInteger()) {
      assertArrayEquals(expected.longs(), actual.longs());
      return;
    }
    double[] wanted = expected.doubles();
    double[] got = actual.doubles();
    for (int i = 0; i < wanted.length; i++) {
      double tolerance = expected.type().isTiny() ? 0 : 2e-5 * Math.max(1, Math.abs(wanted[i]));
      assertEquals(wanted[i], got[i], tolerance, "element " + i);
    }
  }
}
