package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Module;
import tangram.onnx.OnnxRuntime;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

/**
 * Random programs of arrays can be written as ONNX; the writer compares results, and ONNX Runtime
 * computes the same in single precision.
 */
class ExportedProgramsTest {
  private static final Device DEVICE = new ReferenceDevice();

  private static final class Nothing extends Module {}

  @TempDir Path folder;

  @Test
  void singlePrecision() {
    check(DType.F32, 1);
  }

  @Test
  void doublePrecision() {
    check(DType.F64, 4);
  }

  private void check(DType type, int every) {
    Module nothing = new Nothing();
    nothing.train(false);
    List<String> wrong = new ArrayList<>();
    List<RandomProgram> programs = RandomProgram.all();
    for (int i = 0; i < programs.size(); i += every) {
      RandomProgram program = programs.get(i);
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad()) {
        Tensor[] x = program.inputs(DEVICE, type);
        Tensor y = program.result(x, type);
        List<OnnxValue> inputs =
            IntStream.range(0, x.length).mapToObj(k -> value("x" + k, x[k])).toList();
        Path file = folder.resolve("program.onnx");
        new OnnxWriter(inputs, List.of(value("y", y)))
            .write("program", nothing, t -> new Tensor[] {program.result(t, type).neg()}, file, x);
        // Microsoft's runtime loses NaN in Erf, Sign, ArgMax and extremes over several axes.
        if (type == DType.F32 && program.values(x, type).stream().noneMatch(this::hasNaN)) {
          judge(file, x, y.neg());
        }
      } catch (RuntimeException | AssertionError e) {
        wrong.add(program + ": " + e);
      }
    }
    assertEquals(
        "",
        String.join("\n", wrong.subList(0, Math.min(40, wrong.size()))),
        wrong.size() + " programs");
  }

  private boolean hasNaN(Tensor x) {
    return x.type().isReal() && Arrays.stream(x.contiguous().toDoubles()).anyMatch(Double::isNaN);
  }

  private static void judge(Path file, Tensor[] x, Tensor y) {
    try (OnnxRuntime runtime = new OnnxRuntime(file)) {
      Map<String, Tensor> given = new LinkedHashMap<>();
      for (int i = 0; i < x.length; i++) {
        given.put("x" + i, x[i]);
      }
      OnnxRuntime.assertClose("in ONNX Runtime", y, runtime.run(DEVICE, given).get("y"), 1e-4);
    }
  }

  private static OnnxValue value(String name, Tensor x) {
    return new OnnxValue(
        name, "", Arrays.stream(x.shape().dims()).mapToObj(Integer::toString).toList());
  }
}
