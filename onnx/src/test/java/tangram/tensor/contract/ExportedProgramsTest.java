package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Module;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

/** Random programs of arrays can be written as ONNX; the writer compares results. */
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
        new OnnxWriter(inputs, List.of(value("y", y)))
            .write(
                "program",
                nothing,
                t -> new Tensor[] {program.result(t, type).neg()},
                folder.resolve("program.onnx"),
                x);
      } catch (RuntimeException e) {
        wrong.add(program + ": " + e);
      }
    }
    assertEquals(
        "",
        String.join("\n", wrong.subList(0, Math.min(40, wrong.size()))),
        wrong.size() + " programs");
  }

  private static OnnxValue value(String name, Tensor x) {
    return new OnnxValue(
        name, "", Arrays.stream(x.shape().dims()).mapToObj(Integer::toString).toList());
  }
}
