package tangram.tensor.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Fixtures that a script of {@code tools/parity} wrote with PyTorch. */
public final class PyTorchCases {
  /** What is made from Java arrays in module nn, and compared with PyTorch there. */
  private static final Set<String> ELSEWHERE = Set.of("window_mask");

  private PyTorchCases() {}

  /**
   * The cases of a file.
   *
   * @param owner a class of the module that has the file
   */
  public static List<Case> all(Class<?> owner, String file) {
    try (InputStream in = owner.getResourceAsStream(file)) {
      List<Case> cases = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(in).get("cases")) {
        cases.add(new Case(node));
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  /** One operation on one set of inputs. */
  public static final class Case {
    private final JsonNode node;

    Case(JsonNode node) {
      this.node = node;
    }

    /** Unique in the file. */
    public String name() {
      return node.get("name").asText();
    }

    /** What is computed. */
    public String operation() {
      return node.get("op").asText();
    }

    boolean isOperation() {
      return !ELSEWHERE.contains(operation());
    }

    /** A setting. */
    public JsonNode attribute(String name) {
      JsonNode value = node.get("attributes").get(name);
      if (value == null) {
        throw new IllegalArgumentException(name() + " has no attribute " + name);
      }
      return value;
    }

    /** The inputs; those that PyTorch differentiated by require a gradient. */
    public Map<String, Tensor> inputs(Device device) {
      Map<String, Tensor> inputs = tensors(device, "inputs");
      for (String name : names("grads")) {
        inputs.get(name).requireGrad();
      }
      return inputs;
    }

    /** What PyTorch computed. */
    public Map<String, Tensor> outputs(Device device) {
      return tensors(device, "outputs");
    }

    /** The gradients of the outputs from which those of the inputs were computed. */
    public Map<String, Tensor> seeds(Device device) {
      return tensors(device, "grad_outputs");
    }

    /** The gradients that PyTorch computed. */
    public Map<String, Tensor> gradients(Device device) {
      return tensors(device, "grads");
    }

    private List<String> names(String group) {
      List<String> names = new ArrayList<>();
      node.get(group).fieldNames().forEachRemaining(names::add);
      return names;
    }

    private Map<String, Tensor> tensors(Device device, String group) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : names(group)) {
        tensors.put(name, tensor(device, node.get(group).get(name)));
      }
      return tensors;
    }

    private static Tensor tensor(Device device, JsonNode array) {
      int[] dims = new int[array.get("shape").size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = array.get("shape").get(i).asInt();
      }
      JsonNode data = array.get("data");
      if (array.has("type")) {
        int[] values = new int[data.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = data.get(i).asInt();
        }
        return device.tensor(values, dims);
      }
      double[] values = new double[data.size()];
      for (int i = 0; i < values.length; i++) {
        // The decimals are the shortest that give the nearest single-precision number.
        values[i] = (float) data.get(i).asDouble();
      }
      return device.tensor(values, dims);
    }
  }
}
