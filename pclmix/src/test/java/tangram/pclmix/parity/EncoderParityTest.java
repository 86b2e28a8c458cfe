package tangram.pclmix.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.Init;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.nn.model.EncoderWeights;
import tangram.nn.model.ResNet;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Torchvision's weights give torchvision's features, compared with tools/parity/encoder.py. */
class EncoderParityTest {
  private static final int SIDE = 64;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {18, 34, 50})
  void torchvisionsWeightsGiveItsFeatures(int depth) throws IOException {
    JsonNode expected = fixture(depth);
    Device device = Devices.get("vector");
    SafeTensors file = torchvisionFile(expected.required("names"), depth);
    ResNet.Config config = EncoderWeights.configOf(file);
    assertEquals(new ResNet.Config(depth, 64, 1, 0), config);
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      ResNet encoder = new ResNet(new Init(device, 0), config);
      EncoderWeights.Match match = EncoderWeights.load(encoder, file);
      assertEquals(encoder.state().size(), match.loaded().size());
      assertTrue(match.stemSummed());
      encoder.train(false);
      Tensor grey = device.tensor(Formula.signal(depth, 1, SIDE * SIDE), 1, 1, SIDE, SIDE);
      List<Tensor> maps = encoder.features(grey);
      for (int i = 0; i < maps.size(); i++) {
        Sketch sketch = Sketch.of(expected.required("features").required(i));
        double error = sketch.distance(Sketch.of(maps.get(i))) / sketch.norm();
        System.out.printf("torchvision ResNet-%d, map at stride %d: %.1e%n", depth, 2 << i, error);
        assertTrue(error < 1e-4, "map at stride " + (2 << i) + " is off by " + error);
      }
    }
  }

  private SafeTensors torchvisionFile(JsonNode names, int seed) {
    SafeTensorsWriter writer = SafeTensors.writer();
    Map<String, Shape> sorted = new TreeMap<>();
    for (Map.Entry<String, JsonNode> name : names.properties()) {
      int[] dims = new int[name.getValue().size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = name.getValue().required(i).intValue();
      }
      if (name.getKey().endsWith("num_batches_tracked")) {
        writer.put(name.getKey(), new int[1]);
      } else {
        sorted.put(name.getKey(), Shape.of(dims));
      }
    }
    int place = 0;
    for (Map.Entry<String, Shape> e : sorted.entrySet()) {
      float[] values = Formula.weights(e.getKey(), e.getValue(), seed, place++);
      writer.put(e.getKey(), values, e.getValue().dims());
    }
    Path path = folder.resolve("resnet.safetensors");
    writer.write(path);
    return SafeTensors.read(path);
  }

  private static JsonNode fixture(int depth) throws IOException {
    try (InputStream in = EncoderParityTest.class.getResourceAsStream("encoder.json")) {
      for (JsonNode encoder : new ObjectMapper().readTree(in)) {
        if (encoder.required("depth").intValue() == depth) {
          return encoder;
        }
      }
    }
    throw new AssertionError("no ResNet-" + depth + " in encoder.json");
  }
}
