package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

/**
 * Every operation, forward and backward, against the reference and against PyTorch. That the
 * gradients of the reference are right is shown by {@link OperationGradientsTest}.
 */
public abstract class OperationsContract extends KernelContract {
  private static final String FILE = "/tangram/tensor/parity/ops.json";
  private static final Device REFERENCE = new ReferenceDevice();

  /** Whether a case of this name is tried; all are, unless a test is content with a few. */
  protected boolean isWanted(String name) {
    return true;
  }

  @TestFactory
  Stream<DynamicTest> agreesWithReference() {
    return OperationCases.all().stream()
        .filter(c -> isWanted(c.toString()))
        .map(c -> DynamicTest.dynamicTest(c.toString(), () -> compare(c)));
  }

  private void compare(OperationCase c) {
    Map<String, double[]> expected = evaluate(c, REFERENCE);
    Map<String, double[]> actual = evaluate(c, device());
    assertEquals(expected.keySet(), actual.keySet());
    for (Map.Entry<String, double[]> e : expected.entrySet()) {
      String where = c + " on " + device() + ": " + e.getKey();
      Closeness.assertClose(where, e.getValue(), actual.get(e.getKey()), c.tolerance(), c.scale());
    }
  }

  /** The output and the gradients of the inputs for a fixed random gradient of the output. */
  private static Map<String, double[]> evaluate(OperationCase c, Device device) {
    Map<String, double[]> results = new LinkedHashMap<>();
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> tensors = c.tensors(device);
      Map<String, Tensor> leaves = c.leaves(tensors);
      Tensor y = c.apply(tensors);
      results.put("output", numbers(y));
      if (c.isDifferentiable()) {
        y.backward(device.tensor(normal(98, y.size()), y.shape().dims()));
      }
      for (Map.Entry<String, Tensor> e : leaves.entrySet()) {
        results.put("gradient of " + e.getKey(), e.getValue().grad().toDoubles());
        e.getValue().grad().close();
      }
    }
    return results;
  }

  private static double[] numbers(Tensor t) {
    if (t.type() == DType.F32) {
      return t.toDoubles();
    }
    long[] integers = t.toLongs();
    double[] values = new double[integers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers[i];
    }
    return values;
  }

  @TestFactory
  Stream<DynamicTest> agreesWithPyTorch() {
    return PyTorchCases.all(OperationsContract.class, FILE).stream()
        .filter(PyTorchCases.Case::isOperation)
        .filter(c -> isWanted(c.name()))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> compare(c)));
  }

  private void compare(PyTorchCases.Case c) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> inputs = c.inputs(device());
      PyTorchOperations.Result result = PyTorchOperations.run(c, inputs);
      for (Map.Entry<String, Tensor> e : c.outputs(REFERENCE).entrySet()) {
        String where = c.name() + " on " + device() + ": " + e.getKey();
        assertTensor(where, e.getValue(), result.outputs().get(e.getKey()));
      }
      for (Map.Entry<String, Tensor> e : c.gradients(REFERENCE).entrySet()) {
        String where = c.name() + " on " + device() + ": gradient of " + e.getKey();
        assertTensor(where, e.getValue(), result.gradients().get(e.getKey()));
      }
      inputs.values().stream().map(Tensor::grad).filter(g -> g != null).forEach(Tensor::close);
    }
  }

  /** PyTorch's numbers are exact to single precision. */
  private static void assertTensor(String where, Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape(), where);
    if (expected.type() == DType.I32) {
      assertArrayEquals(expected.toLongs(), actual.toLongs(), where);
    } else {
      Closeness.assertClose(where, expected.toDoubles(), actual.toDoubles(), 2e-5, 1e-3);
    }
  }
}
