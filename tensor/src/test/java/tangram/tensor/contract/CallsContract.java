package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;

/** Random calls of single operations, on dense arrays and on views: everything is PyTorch's. */
abstract class CallsContract {
  /** Relative error allowed in single precision. */
  static final double SINGLE = 1e-5;

  private static final int SHOWN = 8;

  /** The device under test. */
  protected abstract Device device();

  @TestFactory
  Stream<DynamicTest> singlePrecision() {
    return tests(DType.F32, device().realBytes() == Double.BYTES ? 1e-12 : SINGLE);
  }

  @TestFactory
  Stream<DynamicTest> doublePrecision() {
    try {
      device().zeros(DType.F64, tangram.tensor.Shape.of(1));
    } catch (DeviceException e) {
      return Stream.empty();
    }
    return tests(DType.F64, 1e-12);
  }

  private Stream<DynamicTest> tests(DType type, double tolerance) {
    return Calls.AREAS.keySet().stream()
        .map(area -> DynamicTest.dynamicTest(area, () -> check(area, type, tolerance)));
  }

  private void check(String area, DType type, double tolerance) {
    List<String> wrong = new ArrayList<>();
    List<JsonNode> nodes = read(area);
    for (int i = 0; i < nodes.size(); i++) {
      RandomCall call = new RandomCall(area, nodes.get(i));
      // Each call on dense inputs and on one kind of views.
      for (RandomCall.Views views :
          List.of(RandomCall.Views.DENSE, RandomCall.Views.values()[1 + i % 3])) {
        String fault;
        try {
          fault = call.run(device(), type, views, tolerance);
        } catch (RuntimeException e) {
          throw new AssertionError(call + " of " + views, e);
        }
        if (fault != null) {
          wrong.add(fault);
        }
      }
    }
    assertEquals(
        "",
        String.join("\n", wrong.subList(0, Math.min(SHOWN, wrong.size()))),
        wrong.size() + " of " + 2 * nodes.size() + " calls");
  }

  private static List<JsonNode> read(String area) {
    String file = "/tangram/tensor/calls/" + area + ".json.gz";
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> nodes = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(CallsContract.class.getResourceAsStream(file)),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        nodes.add(mapper.readTree(line));
      }
      return nodes;
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }
}
