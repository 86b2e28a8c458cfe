package tangram.tensor.vector.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.vector.runtime.Parallel;

/** A single query, with results and gradients as on the device {@code reference}. */
class RowAttentionTest {
  private static final int BATCH = 2;

  private static Tensor numbers(Device device, int purpose, int... dims) {
    CounterRandom random = new CounterRandom(1, purpose, 0, 0);
    Tensor x = device.zeros(dims);
    float[] values = new float[x.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return x.copyFrom(values, 0);
  }

  /** Result, then the gradients of query, key and value; keys are the first of a longer cache. */
  private static double[][] run(String name, int heads, int shared, int keys, int e, int ev) {
    Device device = Devices.get(name);
    try (Scope scope = Scope.open()) {
      Tensor query = numbers(device, 1, BATCH, 1, heads, e).requireGrad();
      Tensor key = numbers(device, 2, BATCH, shared, keys + 3, e).requireGrad();
      Tensor value = numbers(device, 3, BATCH, shared, keys + 3, ev).requireGrad();
      Tensor y =
          query
              .permute(0, 2, 1, 3)
              .scaledDotProductAttention(
                  key.narrow(2, 0, keys), value.narrow(2, 0, keys), null, false, null, true);
      double[] result = y.flatten().toDoubles();
      y.mul(numbers(device, 4, y.shape().dims())).sum().backward();
      return new double[][] {
        result,
        query.grad().flatten().toDoubles(),
        key.grad().flatten().toDoubles(),
        value.grad().flatten().toDoubles()
      };
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3,3,1,8,8",
    "4,2,5,64,64",
    "4,1,17,20,33",
    "2,2,130,7,1",
    "6,2,1000,64,64",
    "1,1,40,1,5"
  })
  void agreesWithTheReference(int heads, int shared, int keys, int e, int ev) {
    double[][] expected = run("reference", heads, shared, keys, e, ev);
    double[][] actual = run("vector", heads, shared, keys, e, ev);
    for (int i = 0; i < expected.length; i++) {
      double largest = 0;
      for (double x : expected[i]) {
        largest = Math.max(largest, Math.abs(x));
      }
      assertArrayEquals(expected[i], actual[i], 1e-5 * Math.max(largest, 0.1), "part " + i);
    }
  }

  @Test
  void threadsDoNotChangeBits() {
    int threads = Parallel.threads();
    try {
      Parallel.setThreads(1);
      double[] one = run("vector", 6, 3, 777, 64, 64)[0];
      Parallel.setThreads(3);
      assertArrayEquals(one, run("vector", 6, 3, 777, 64, 64)[0]);
    } finally {
      Parallel.setThreads(threads);
    }
  }

  /** What is not a number stays so, as in a block of queries. */
  @Test
  void notNumbersStay() {
    Device device = Devices.get("vector");
    try (Scope scope = Scope.open()) {
      float[] keys = new float[40 * 4];
      keys[7] = Float.NaN;
      Tensor q = device.ones(1, 1, 1, 4);
      Tensor k = device.tensor(keys, 1, 1, 40, 4);
      float[] y =
          q.scaledDotProductAttention(k, device.ones(1, 1, 40, 4), null, false, null, false)
              .toFloats();
      for (float x : y) {
        assertTrue(Float.isNaN(x));
      }
    }
  }
}
