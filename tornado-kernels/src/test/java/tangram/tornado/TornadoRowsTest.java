package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.Updates;
import tangram.tensor.reference.ReferenceDevice;

/** Folds and cascades of sizes at which rows lie side by side, are long, and are divided. */
class TornadoRowsTest {
  private static final Device REFERENCE = new ReferenceDevice();
  private static final Formula HALVED = Formula.of(2, 1, (x, p) -> x[0].mul(x[1]).add(p[0]));
  private static final Formula MOVED = Formula.of(2, x -> x[0].sub(x[1].mul(x[0].sin())));

  private final Device device = Devices.get("tornado");

  private static float[] numbers(int length) {
    Random random = new Random(length);
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = 3 + random.nextFloat();
    }
    return numbers;
  }

  /** Results, and the gradients by all tensors that were asked for. */
  private static List<double[]> run(
      Device device,
      Map<String, BiFunction<Tensors, Tensor, Tensor>> cases,
      String name,
      int... dims) {
    try (Scope scope = Scope.open()) {
      Tensors tensors = new Tensors(device);
      Tensor x = tensors.get(dims);
      Tensor y = cases.get(name).apply(tensors, x);
      List<double[]> results = new ArrayList<>(List.of(y.toDoubles()));
      if (y.requiresGrad()) {
        Tensor weights = device.tensor(numbers(y.size()), y.shape().dims());
        y.mul(weights).sum().backward();
        tensors.all.forEach(
            t -> results.add(t.grad() == null ? new double[0] : t.grad().toDoubles()));
      }
      return results;
    }
  }

  private static final class Tensors {
    private final Device device;
    private final List<Tensor> all = new ArrayList<>();

    Tensors(Device device) {
      this.device = device;
    }

    Tensor get(int... dims) {
      Shape shape = Shape.of(dims);
      Tensor t = device.tensor(numbers(shape.size()), dims);
      all.add(t);
      return t.requireGrad();
    }
  }

  private static Map<String, BiFunction<Tensors, Tensor, Tensor>> cases() {
    Map<String, BiFunction<Tensors, Tensor, Tensor>> cases = new TreeMap<>();
    cases.put("sum 0", (t, x) -> x.sum(0));
    cases.put("sum 1", (t, x) -> x.sum(1));
    cases.put("sum of last", (t, x) -> x.sum(-1));
    cases.put("sum of all", (t, x) -> x.square().sum());
    cases.put("max 0", (t, x) -> x.max(0));
    cases.put("min of last", (t, x) -> x.min(-1));
    cases.put("mean of the transposed", (t, x) -> x.transpose(0, 1).mean(0));
    cases.put("softmax 0", (t, x) -> x.softmax(0));
    cases.put("softmax 1", (t, x) -> x.softmax(1));
    cases.put("log softmax of last", (t, x) -> x.logSoftmax(-1));
    cases.put(
        "layer norm",
        (t, x) -> {
          int last = x.dim(-1);
          return NormOp.layerNorm(x, Shape.of(last), t.get(last), t.get(last), 1e-5);
        });
    cases.put(
        "batch norm",
        (t, x) -> {
          int c = x.dim(1);
          Tensor residual = t.get(x.shape().dims());
          Tensor y =
              NormOp.batchNorm(x, residual.sub(6), t.get(c), t.get(c), null, null, 0.1, 1e-5, true);
          return y;
        });
    return cases;
  }

  @TestFactory
  Stream<DynamicTest> agreeWithReference() {
    int[][] sizes = {{2, 3, 96, 97}, {5, 4, 9}, {3, 300, 2, 5}, {2100, 40}, {3, 17000}, {20000, 3}};
    return Stream.of(sizes)
        .flatMap(
            dims ->
                cases().keySet().stream()
                    .map(
                        name ->
                            DynamicTest.dynamicTest(
                                name + " of " + Shape.of(dims), () -> check(name, dims))));
  }

  private void check(String name, int... dims) {
    List<double[]> expected = run(REFERENCE, cases(), name, dims);
    List<double[]> actual = run(device, cases(), name, dims);
    assertEquals(expected.size(), actual.size());
    for (int k = 0; k < expected.size(); k++) {
      double most = 0;
      for (double v : expected.get(k)) {
        most = Math.max(most, Math.abs(v));
      }
      // Gradients of norms divide by deviations, some of which are small.
      double tolerance = k == 0 ? 2e-5 : 5e-4;
      assertArrayEquals(expected.get(k), actual.get(k), tolerance * most + 1e-12, name + " " + k);
    }
    List<double[]> again = run(device, cases(), name, dims);
    for (int k = 0; k < expected.size(); k++) {
      assertArrayEquals(actual.get(k), again.get(k), name + ": other bits the second time");
    }
  }

  @Test
  void integersAndBooleansFoldExactly() {
    int[] values = new int[90_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 31 % 1009 - 500;
    }
    List<int[]> results = new ArrayList<>();
    for (Device d : new Device[] {REFERENCE, device}) {
      try (Scope scope = Scope.open()) {
        Tensor x = d.tensor(values, 3, 30_000);
        results.add(x.sum(1).to(DType.I32).toInts());
        results.add(x.max(1).to(DType.I32).toInts());
        results.add(x.min(0).to(DType.I32).toInts());
        results.add(x.gt(x.flip(1)).sum(1).to(DType.I32).toInts());
      }
    }
    int each = results.size() / 2;
    for (int k = 0; k < each; k++) {
      assertArrayEquals(results.get(k), results.get(each + k), "result " + k);
    }
  }

  /** What is done together has the bits of what is done one by one, also when it is recorded. */
  @Test
  void updatesTogetherAreThoseOneByOne() {
    List<float[]> results = new ArrayList<>();
    for (boolean together : new boolean[] {false, true}) {
      try (Scope scope = Scope.open()) {
        List<Tensor> ys = new ArrayList<>();
        for (int i = 1; i < 60; i++) {
          ys.add(device.tensor(numbers(i * i), i, i));
        }
        Tensor rate = device.scalar(0.5);
        var replay = device.replay("together" + together);
        for (int run = 0; run < 4; run++) {
          replay.begin();
          replay.section(
              () -> {
                Updates updates = new Updates();
                for (Tensor y : ys) {
                  updates.next();
                  updates.into(y, HALVED, new double[] {0.25}, y, rate);
                  updates.into(y, MOVED, new double[0], y, rate);
                  if (!together) {
                    updates.run();
                  }
                }
                updates.run();
              });
        }
        float[] all = new float[ys.stream().mapToInt(Tensor::size).sum()];
        int at = 0;
        for (Tensor y : ys) {
          float[] numbers = y.toFloats();
          System.arraycopy(numbers, 0, all, at, numbers.length);
          at += numbers.length;
        }
        results.add(all);
      }
    }
    assertArrayEquals(results.get(0), results.get(1));
  }
}
