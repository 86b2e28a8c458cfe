package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** The distributions of initial values: moments and bounds, as torch.nn.init defines them. */
class InitializerTest {
  private final Device device = Devices.get("vector");
  private final Init init = new Init(device, 4);

  private double[] draw(Initializer initializer, int... dims) {
    return init.draw(initializer, dims).toDoubles();
  }

  private static void moments(double[] x, double mean, double std, double error) {
    double m = Arrays.stream(x).average().orElseThrow();
    double v = Arrays.stream(x).map(a -> (a - m) * (a - m)).average().orElseThrow();
    assertEquals(mean, m, error * Math.max(std, Math.abs(mean)));
    assertEquals(std, Math.sqrt(v), error * std);
  }

  private static void bounds(double[] x, double low, double high) {
    double least = Arrays.stream(x).min().orElseThrow();
    double most = Arrays.stream(x).max().orElseThrow();
    double slack = (high - low) * 1e-2;
    assertTrue(least >= low - 1e-6 && least < low + slack, least + " instead of " + low);
    assertTrue(most <= high + 1e-6 && most > high - slack, most + " instead of " + high);
  }

  @Test
  void uniformAndNormal() {
    double[] u = draw(Initializer.uniform(-2, 3), 200, 200);
    moments(u, 0.5, 5 / Math.sqrt(12), 0.01);
    bounds(u, -2, 3);
    moments(draw(Initializer.normal(1, 0.3), 200, 200), 1, 0.3, 0.01);
    assertArrayEquals(new double[] {7, 7}, draw(Initializer.constant(7), 2));
  }

  /** Deviations of the truncated normal distribution, from scipy.stats.truncnorm. */
  @Test
  void truncated() {
    double[] symmetric = draw(Initializer.truncatedNormal(0.02), 200, 200);
    moments(symmetric, 0, 0.02 * 0.8796256610342398, 0.01);
    bounds(symmetric, -0.04, 0.04);
    double[] narrow = draw(Initializer.truncatedNormal(0, 1, -0.5, 0.7), 200, 200);
    moments(narrow, 0.0885684, 0.3380323, 0.01);
    double[] tail = draw(Initializer.truncatedNormal(0, 1, 3, 5), 200, 200);
    moments(tail, 3.2826944, 0.2641923, 0.03);
    assertTrue(Arrays.stream(tail).allMatch(x -> x >= 3 && x <= 5));
  }

  /** Weights [40, 30, 3, 3] have 270 inputs and 360 outputs. */
  @Test
  void fans() {
    int[] dims = {40, 30, 3, 3};
    double both = Math.sqrt(2.0 / (270 + 360));
    moments(draw(Initializer.xavierNormal(1.5), dims), 0, 1.5 * both, 0.02);
    double[] xavier = draw(Initializer.xavierUniform(1), dims);
    moments(xavier, 0, both, 0.02);
    bounds(xavier, -both * Math.sqrt(3), both * Math.sqrt(3));
    moments(draw(Initializer.kaimingNormal(), dims), 0, Math.sqrt(2.0 / 270), 0.02);
    double out = Initializer.gain("tanh", 0) / Math.sqrt(360);
    moments(draw(Initializer.kaimingNormal(5.0 / 3, Initializer.Fan.OUT), dims), 0, out, 0.02);
    bounds(
        draw(Initializer.kaimingUniform(1, Initializer.Fan.IN), dims),
        -Math.sqrt(3.0 / 270),
        Math.sqrt(3.0 / 270));
    assertThrows(IllegalArgumentException.class, () -> init.draw(Initializer.kaimingNormal(), 5));
  }

  @Test
  void gains() {
    assertEquals(1, Initializer.gain("sigmoid", 0));
    assertEquals(Math.sqrt(2), Initializer.gain("relu", 0));
    assertEquals(Math.sqrt(2 / 1.04), Initializer.gain("leaky_relu", 0.2));
    assertEquals(0.75, Initializer.gain("selu", 0));
    assertThrows(IllegalArgumentException.class, () -> Initializer.gain("swish", 0));
  }

  @Test
  void unitMatrices() {
    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0}, draw(Initializer.eye(), 2, 3));
    // torch.nn.init.dirac_(torch.empty(4, 1, 2, 2), groups=2)
    double[] dirac = draw(Initializer.dirac(2), 4, 1, 2, 2);
    assertArrayEquals(new double[] {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, dirac);
    assertThrows(IllegalArgumentException.class, () -> draw(Initializer.eye(), 2, 3, 4));
  }

  @Test
  void orthogonal() {
    for (int[] dims : new int[][] {{6, 10}, {10, 6}, {4, 2, 3}}) {
      Tensor w = init.draw(Initializer.orthogonal(2), dims).flatten(1, -1);
      Tensor product = w.dim(0) <= w.dim(1) ? w.matmul(w.t()) : w.t().matmul(w);
      double[] expected = device.eye(product.dim(0)).mul(4).toDoubles();
      assertArrayEquals(expected, product.toDoubles(), 1e-5);
    }
  }

  @Test
  void sparse() {
    double[] w = draw(Initializer.sparse(0.25, 1), 10, 7);
    for (int col = 0; col < 7; col++) {
      int zeros = 0;
      for (int row = 0; row < 10; row++) {
        zeros += w[row * 7 + col] == 0 ? 1 : 0;
      }
      assertEquals(3, zeros, "column " + col);
    }
  }

  /** Layers begin as PyTorch's: uniform up to 1 / sqrt(fan in). */
  @Test
  void layersBeginAsInPyTorch() {
    Linear linear = new Linear(init, 400, 300);
    bounds(linear.parameters().get("weight").toDoubles(), -0.05, 0.05);
    bounds(linear.parameters().get("bias").toDoubles(), -0.05, 0.05);
    Conv2d conv = new Conv2d(init, 25, 100, 4);
    bounds(conv.parameters().get("weight").toDoubles(), -0.05, 0.05);
    LSTM lstm = new LSTM(init, 10, 100);
    bounds(lstm.parameters().get("weight_ih_l0").toDoubles(), -0.1, 0.1);
    moments(new Embedding(init, 100, 100).parameters().get("weight").toDoubles(), 0, 1, 0.02);
  }

  @Test
  void anotherInitialiserIsNamed() {
    Init small = init.weights(Initializer.constant(3)).biases(Initializer.ones());
    Sequential network =
        new Sequential(new Linear(small, 2, 1), new BatchNorm1d(small, 1), new LayerNorm(small, 1));
    assertArrayEquals(new float[] {3, 3}, network.state().get("0.weight").toFloats());
    assertArrayEquals(new float[] {1}, network.state().get("0.bias").toFloats());
    assertArrayEquals(new float[] {1}, network.state().get("1.weight").toFloats());
    assertArrayEquals(new float[] {0}, network.state().get("2.bias").toFloats());
  }

  /** Whatever a network is made with, parameters have streams of their own in order. */
  @Test
  void streamsAreNumberedTogether() {
    Init a = new Init(device, 9);
    new Linear(a, 3, 2);
    Init b = new Init(device, 9);
    new Linear(b.weights(Initializer.zeros()), 3, 2);
    assertArrayEquals(
        a.draw(Initializer.normal(0, 1), 5).toFloats(),
        b.draw(Initializer.normal(0, 1), 5).toFloats());
  }
}
