package tangram.nn;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.GradientCheck;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

class ReferenceLayersTest extends LayersContract {
  private static final Device DEVICE = Devices.get("reference");

  @Override
  protected Device device() {
    return DEVICE;
  }

  @Override
  protected double tolerance() {
    return 1e-10;
  }

  /**
   * Every parameter of every layer, and the input, by central differences; but for a row of
   * padding, which gets no gradient although it has an effect.
   */
  @TestFactory
  Stream<DynamicTest> gradientsAgreeWithCentralDifferences() throws IOException {
    Map<String, JsonNode> nodes = read();
    return LayerCases.all().entrySet().stream()
        .filter(e -> !e.getKey().equals("embedding with padding"))
        .map(
            e -> DynamicTest.dynamicTest(e.getKey(), () -> check(nodes, e.getKey(), e.getValue())));
  }

  private void check(Map<String, JsonNode> nodes, String name, LayerCases.LayerCase<?> c) {
    try (Scope scope = Scope.open()) {
      JsonNode node = nodes.get(name);
      Module module = c.make(new Init(device(), 7));
      module.train(node.get("train").asBoolean());
      Tensor[] x = inputs(node);
      Map<String, Tensor> leaves = new LinkedHashMap<>(module.parameters());
      if (x[0].requiresGrad()) {
        leaves.put("input", x[0]);
      }
      GradientCheck.check(
          name,
          leaves,
          () -> {
            Tensor[] ys = c.apply(module, x);
            for (int i = 0; i < ys.length; i++) {
              ys[i] = ys[i].flatten();
            }
            return Tensor.cat(0, ys);
          });
    }
  }
}
