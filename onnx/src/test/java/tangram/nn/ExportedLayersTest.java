package tangram.nn;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tangram.onnx.OnnxModel;
import tangram.onnx.OnnxModule;
import tangram.onnx.OnnxRuntime;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

/**
 * Every layer in evaluation mode, written as ONNX, computes the same, read again and in ONNX
 * Runtime.
 */
class ExportedLayersTest {
  private static final Device DEVICE = new ReferenceDevice();

  /**
   * Layers of one sample, whose inputs have no batch, and those that compute otherwise for more.
   */
  private static final Set<String> FIXED =
      Set.of(
          "conv2d of one image",
          "lstm of two layers",
          "attention with a mask of heads",
          "sinusoidal");

  private static final LayersContract INPUTS =
      new LayersContract() {
        @Override
        protected Device device() {
          return DEVICE;
        }

        @Override
        protected double tolerance() {
          return 1e-6;
        }
      };

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> computeTheSame() throws IOException {
    Map<String, JsonNode> nodes = LayersContract.read();
    Map<String, LayerCases.LayerCase<?>> cases = LayerCases.all();
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : new TreeSet<>(cases.keySet())) {
      if (!name.startsWith("loss ")) {
        tests.add(
            DynamicTest.dynamicTest(name, () -> check(name, nodes.get(name), cases.get(name))));
      }
    }
    return tests.stream();
  }

  private void check(String name, JsonNode node, LayerCases.LayerCase<?> c) {
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Module module = c.make(new Init(DEVICE, 3));
      module.train(false);
      Tensor[] x = INPUTS.inputs(node);
      Function<Tensor[], Tensor[]> forward = t -> c.apply(module, t);
      export(module, forward, x, false);
      if (!FIXED.contains(name)) {
        export(module, forward, x, true);
      }
    }
  }

  private void export(
      Module module, Function<Tensor[], Tensor[]> forward, Tensor[] x, boolean free) {
    Tensor[] y = forward.apply(x);
    Path file = folder.resolve("layer.onnx");
    OnnxWriter writer = new OnnxWriter(values("x", x, false, free), values("y", y, true, free));
    writer.write("layer", module, forward, file, x);
    OnnxModule read = new OnnxModule(OnnxModel.read(file), DEVICE);
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < x.length; i++) {
      given.put("x" + i, x[i]);
    }
    Map<String, Tensor> results = read.forward(given);
    for (int i = 0; i < y.length; i++) {
      OnnxRuntime.assertClose("read again", y[i], results.get("y" + i), 1e-6);
    }
    try (OnnxRuntime runtime = new OnnxRuntime(file)) {
      Map<String, Tensor> others = runtime.run(DEVICE, given);
      for (int i = 0; i < y.length; i++) {
        OnnxRuntime.assertClose("in ONNX Runtime", y[i], others.get("y" + i), 2e-5);
      }
    }
  }

  /** The first dimension of all inputs is the batch, or time. */
  private static List<OnnxValue> values(String name, Tensor[] x, boolean isOutput, boolean free) {
    List<OnnxValue> values = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      String[] dims =
          Arrays.stream(x[i].shape().dims()).mapToObj(Integer::toString).toArray(String[]::new);
      for (int d = 0; d < dims.length && free; d++) {
        if (isOutput) {
          dims[d] = "y" + i + "_" + d;
        } else if (x[i].dim(d) == x[0].dim(0) && d == 0) {
          dims[d] = "n";
        }
      }
      values.add(new OnnxValue(name + i, "", List.of(dims)));
    }
    return values;
  }
}
