package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Layers and losses on a device, against PyTorch ({@code tools/parity/layers.py}): a file of
 * PyTorch's state dictionary loads as it is, and results, gradients and running statistics agree.
 */
public abstract class LayersContract {
  @TempDir Path folder;

  /** The device under test. */
  protected abstract Device device();

  /** Error allowed, relative to the largest element of an array. */
  protected abstract double tolerance();

  @TestFactory
  Stream<DynamicTest> asInPyTorch() throws IOException {
    Map<String, JsonNode> nodes = read();
    Map<String, LayerCases.LayerCase<?>> cases = LayerCases.all();
    assertEquals(new TreeSet<>(nodes.keySet()), cases.keySet());
    return nodes.keySet().stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name,
                    () -> {
                      try (Scope scope = Scope.open()) {
                        check(nodes.get(name), cases.get(name));
                      }
                    }));
  }

  static Map<String, JsonNode> read() throws IOException {
    Map<String, JsonNode> nodes = new TreeMap<>();
    ObjectMapper mapper = new ObjectMapper();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    LayersContract.class.getResourceAsStream("parity/layers.json.gz")),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode node = mapper.readTree(line);
        nodes.put(node.get("case").asText(), node);
      }
    }
    return nodes;
  }

  private void check(JsonNode node, LayerCases.LayerCase<?> c) {
    Module module = c.make(new Init(device(), 3));
    load(module, node.get("state"));
    module.train(node.get("train").asBoolean());
    Tensor[] x = inputs(node);
    Tensor[] ys = c.apply(module, x);
    assertEquals(node.get("outputs").size(), ys.length, "results");
    Tensor total = null;
    for (int k = 0; k < ys.length; k++) {
      JsonNode expected = node.get("outputs").get(k);
      assertEquals(shape(expected), ys[k].shape(), "result " + k);
      close("result " + k, expected.get("values"), ys[k].contiguous().toDoubles());
      if (ys[k].requiresGrad()) {
        double[] weights = new double[ys[k].size()];
        for (int i = 0; i < weights.length; i++) {
          weights[i] = Math.cos(i + 1);
        }
        Tensor term = ys[k].mul(device().tensor(weights, ys[k].shape().dims())).sum();
        total = total == null ? term : total.add(term);
      }
    }
    if (total != null) {
      total.backward();
    }
    for (int i = 0; i < x.length; i++) {
      JsonNode gradient = node.get("gradients").get(i);
      if (!gradient.isNull()) {
        close("gradient of input " + i, gradient, gradient(x[i]));
      }
    }
    Map<String, Tensor> parameters = module.parameters();
    // Some gradients are sums that cancel to 0, such as that of a bias before a softmax.
    double[] scale = {1e-3};
    node.get("parameters").forEach(g -> scale[0] = Math.max(scale[0], largest(g) / 10));
    node.get("parameters")
        .properties()
        .forEach(
            e ->
                close(
                    "gradient of " + e.getKey(),
                    e.getValue(),
                    gradient(parameters.get(e.getKey())),
                    scale[0]));
    Map<String, Tensor> buffers = module.buffers();
    node.get("buffers")
        .properties()
        .forEach(
            e -> {
              Tensor buffer = buffers.get(e.getKey());
              if (buffer != null) {
                double[] values = buffer.to(DType.F32).toDoubles();
                close(e.getKey() + " afterwards", e.getValue(), values);
              }
            });
  }

  /** By a file: names and shapes must be PyTorch's. */
  private void load(Module module, JsonNode state) {
    SafeTensorsWriter writer = SafeTensors.writer();
    if (state.isEmpty()) {
      assertTrue(module.state().isEmpty(), "parameters that PyTorch has not");
      return;
    }
    state
        .properties()
        .forEach(
            e -> {
              double[] values = numbers(e.getValue().get("values"));
              int[] dims = shape(e.getValue()).dims();
              if (e.getValue().get("type").asText().equals("real")) {
                writer.put(e.getKey(), floats(values), dims);
              } else {
                writer.put(e.getKey(), ints(values), dims);
              }
            });
    Path file = folder.resolve("weights.safetensors");
    writer.write(file);
    try (SafeTensors tensors = SafeTensors.read(file)) {
      Weights.load(module, tensors);
    }
  }

  final Tensor[] inputs(JsonNode node) {
    Tensor[] x = new Tensor[node.get("inputs").size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = input(node.get("inputs").get(i));
    }
    return x;
  }

  private Tensor input(JsonNode node) {
    double[] values = numbers(node.get("values"));
    int[] dims = shape(node).dims();
    return switch (node.get("type").asText()) {
      case "real" -> device().tensor(values, dims).requireGrad();
      case "integer" -> device().tensor(ints(values), dims).to(device().indexType());
      default -> device().tensor(ints(values), dims).to(DType.BOOL);
    };
  }

  private static double[] gradient(Tensor leaf) {
    return leaf.grad() == null ? new double[leaf.size()] : leaf.grad().toDoubles();
  }

  private void close(String what, JsonNode expected, double[] actual) {
    close(what, expected, actual, 1e-3);
  }

  private void close(String what, JsonNode expected, double[] actual, double least) {
    double[] numbers = numbers(expected);
    assertEquals(numbers.length, actual.length, what);
    double scale = Math.max(least, largest(expected));
    for (int i = 0; i < numbers.length; i++) {
      assertEquals(numbers[i], actual[i], tolerance() * scale, what + "[" + i + "]");
    }
  }

  private static double largest(JsonNode array) {
    double largest = 0;
    for (double v : numbers(array)) {
      largest = Math.max(largest, Math.abs(v));
    }
    return largest;
  }

  private static Shape shape(JsonNode node) {
    int[] dims = new int[node.get("shape").size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = node.get("shape").get(i).asInt();
    }
    return Shape.of(dims);
  }

  private static double[] numbers(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static int[] ints(double[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }
}
