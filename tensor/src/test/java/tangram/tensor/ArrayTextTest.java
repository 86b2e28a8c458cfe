package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ArrayTextTest {
  private final Device device = Devices.get("vector");

  @Test
  void asNumPyWritesThem() throws IOException {
    JsonNode cases =
        new ObjectMapper()
            .readTree(ArrayTextTest.class.getResource("/tangram/tensor/numpy_text.json"));
    for (JsonNode node : cases) {
      int[] dims = new int[node.get("shape").size()];
      for (int d = 0; d < dims.length; d++) {
        dims[d] = node.get("shape").get(d).asInt();
      }
      double[] values = new double[node.get("values").size()];
      for (int i = 0; i < values.length; i++) {
        JsonNode value = node.get("values").get(i);
        values[i] =
            value.isNumber()
                ? value.asDouble()
                : value.asText().equals("nan")
                    ? Double.NaN
                    : value.asText().equals("inf")
                        ? Double.POSITIVE_INFINITY
                        : Double.NEGATIVE_INFINITY;
      }
      DType type = DType.valueOf(node.get("type").asText());
      DType from = type == DType.F32 ? DType.F32 : DType.F64;
      Tensor x = device.uninitialized(from, Shape.of(dims)).copyFrom(values, 0);
      assertEquals(node.get("text").asText(), x.to(type).toString());
    }
  }

  @Test
  void releasedTensorsHaveNoElements() {
    Tensor x = device.ones(2, 3);
    x.close();
    assertEquals("Tensor[2, 3]@vector, released", x.toString());
  }
}
