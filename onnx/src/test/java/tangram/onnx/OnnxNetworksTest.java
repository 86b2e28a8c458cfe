package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Networks that PyTorch exported compute what they did there, forwards and backwards. */
class OnnxNetworksTest {
  private static OnnxModule module(String name, Device device) {
    return new OnnxModule(OnnxModel.read(Fixtures.resource("models/" + name + ".onnx")), device);
  }

  @TestFactory
  Stream<DynamicTest> networks() {
    List<DynamicTest> tests = new ArrayList<>();
    Fixtures.json("models/models.json")
        .properties()
        .forEach(
            entry -> {
              for (String device : List.of("reference", "vector")) {
                tests.add(
                    DynamicTest.dynamicTest(
                        entry.getKey() + " " + device,
                        () -> check(entry.getKey(), entry.getValue(), Devices.get(device))));
              }
            });
    return tests.stream();
  }

  private static void check(String name, JsonNode test, Device device) {
    OnnxModule module = module(name, device);
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> given = new LinkedHashMap<>();
      test.get("inputs")
          .properties()
          .forEach(e -> given.put(e.getKey(), tensor(device, e.getKey(), e.getValue(), name)));
      Map<String, Tensor> outputs = module.forward(given);
      Tensor loss = null;
      for (Map.Entry<String, JsonNode> e : test.get("outputs").properties()) {
        Tensor y = outputs.get(e.getKey());
        assertClose(e.getKey(), e.getValue(), y);
        Tensor part =
            y.reshape(y.size()).mul(device.arange(1, y.size() + 1, 1)).sum().div(y.size());
        loss = loss == null ? part : loss.add(part);
      }
      loss.backward();
      for (Map.Entry<String, JsonNode> e : test.get("gradients").properties()) {
        Tensor parameter = module.parameters().get(e.getKey());
        assertTrue(parameter != null, e.getKey() + " among " + module.parameters().keySet());
        assertClose("gradient of " + e.getKey(), e.getValue(), parameter.grad());
      }
    }
  }

  private static Tensor tensor(Device device, String name, JsonNode value, String network) {
    int[] dims = dims(value);
    double[] values = values(value);
    if (network.equals("attention")) {
      long[] tokens = new long[values.length];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = (long) values[i];
      }
      return device.tensor(tokens, dims);
    }
    return device.tensor(values, dims);
  }

  private static int[] dims(JsonNode value) {
    int[] dims = new int[value.get("dims").size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = value.get("dims").get(i).asInt();
    }
    return dims;
  }

  private static double[] values(JsonNode value) {
    double[] values = new double[value.get("values").size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.get("values").get(i).asDouble();
    }
    return values;
  }

  private static void assertClose(String what, JsonNode expected, Tensor actual) {
    assertArrayEquals(dims(expected), actual.shape().dims(), what);
    double[] wanted = values(expected);
    double[] got = actual.toDoubles();
    double scale = 0;
    for (double w : wanted) {
      scale = Math.max(scale, Math.abs(w));
    }
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], got[i], 2e-5 * scale + 1e-7, what + ", element " + i);
    }
  }

  /** Weights learn, under the names that PyTorch gave them. */
  @Test
  void fineTunes() {
    Device device = Devices.get("vector");
    OnnxModule module = module("convolutions", device);
    assertTrue(module.parameters().containsKey("stem.weight"));
    assertTrue(module.buffers().containsKey("norm.running_mean"), "statistics are not trained");
    Tensor x = device.linspace(-1, 1, 5 * 2 * 12 * 12).reshape(5, 2, 12, 12);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 20; step++) {
      try (Scope scope = Scope.open()) {
        Tensor loss = module.forward(x).sub(1).square().mean();
        last = loss.item();
        first = step == 0 ? last : first;
        loss.backward();
        for (Tensor p : module.parameters().values()) {
          if (p.grad() != null) {
            p.copyFrom(p.detach().sub(p.grad().mul(0.05)));
            p.zeroGrad();
          }
        }
      }
    }
    assertTrue(last < first / 5, first + " became " + last);
  }
}
