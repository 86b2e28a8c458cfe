package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tangram.nn.Init;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

class ClassContrastTest {
  private static final int CLASSES = 4;
  private final Device device = Devices.get("reference");

  private Tensor matrix(double... values) {
    return device.tensor(values, values.length / 2, 2);
  }

  @Test
  void meanOfPairs() {
    Tensor v = matrix(1, 0, 0, 1);
    Tensor m = matrix(1, 0, .6, .8);
    Tensor one = device.tensor(new double[] {1, 1}, 2);
    assertEquals(.4, ClassContrast.pull(v, one, m, one).toDoubles()[0], 1e-12);
    // Lengths do not matter, nor does the scale of the weights.
    Tensor three = device.tensor(new double[] {3, 3}, 2);
    assertEquals(.4, ClassContrast.pull(v.mul(7), three, m, one).toDoubles()[0], 1e-12);
    // Weights 1.5 and 0.5 after division by the mean.
    Tensor a = device.tensor(new double[] {.6, .2}, 2);
    double pairs = (1.5 * (0 + .4) + .5 * (1 + .2)) / 4;
    assertEquals(pairs, ClassContrast.pull(v, a, m, one).toDoubles()[0], 1e-12);
  }

  @Test
  void gradientsAreThoseOfCentralDifferences() {
    CounterRandom random = new CounterRandom(1, 2, 3, 4);
    double[] x = new double[4 * 2 + 4];
    Arrays.setAll(x, i -> 0.1 + random.nextDouble());
    Tensor m = matrix(1, .2, -.6, .8, .3, .1);
    Tensor b = device.tensor(new double[] {.2, .5, .9}, 3);
    Tensor leaf = device.tensor(x, x.length).requireGrad();
    pullOf(leaf, m, b).backward();
    double[] gradient = leaf.grad().toDoubles();
    for (int i = 0; i < x.length; i++) {
      double[] moved = x.clone();
      moved[i] += 1e-6;
      double above = pullOf(device.tensor(moved, x.length), m, b).toDoubles()[0];
      moved[i] -= 2e-6;
      double below = pullOf(device.tensor(moved, x.length), m, b).toDoubles()[0];
      assertEquals((above - below) / 2e-6, gradient[i], 1e-8);
    }
  }

  /** Of four vectors of two numbers and their weights. */
  private static Tensor pullOf(Tensor x, Tensor m, Tensor b) {
    return ClassContrast.pull(x.narrow(0, 0, 8).reshape(4, 2), x.narrow(0, 8, 4), m, b);
  }

  /** Pixels of one label, of the class that is predicted, each but once. */
  @Test
  void samples() {
    ClassSample sample = new ClassSample(device, CLASSES, 2, 9);
    int[] labels = new int[2000];
    int[] predicted = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      // 1000 pixels of class 1, of which 40 are predicted as such; 3 of class 2; none of class 3.
      labels[i] = i < 1000 ? 1 : i < 1003 ? 2 : 0;
      predicted[i] = i < 40 ? 1 : i < 1000 ? 0 : 2;
    }
    sample.draw(1, labels, predicted, 5);
    ClassSample.Drawn drawn = sample.of(1);
    int[] features = drawn.features().toInts();
    int[] candidates = drawn.candidates().toInts();
    assertEquals(512, distinct(features, 0, 1000, 512));
    assertEquals(40, distinct(candidates, 0, 40, 512));
    assertEquals(3, distinct(Arrays.copyOfRange(features, 512, 1024), 1000, 1003, 3));
    assertEquals(512 + 3 + 1, drawn.featureWeights().sum().toDoubles()[0]);
    assertEquals(40 + 3 + 1, drawn.candidateWeights().sum().toDoubles()[0]);
    assertEquals(32 + 3 + 1, drawn.memoryWeights().sum().toDoubles()[0]);
    assertEquals("[1.0, 1.0, 0.0]", Arrays.toString(drawn.present().toDoubles()));
    int[] order = drawn.memoryOrder().toInts();
    assertEquals("[0, 1, 2, 0, 1]", Arrays.toString(Arrays.copyOfRange(order, 32, 37)));
    // The same step gives the same pixels, for another decoder the same features.
    sample.draw(0, labels, predicted, 5);
    assertEquals(Arrays.toString(features), Arrays.toString(sample.of(0).features().toInts()));
    sample.draw(1, labels, predicted, 6);
    assertTrue(!Arrays.equals(features, drawn.features().toInts()));
    sample.draw(1, labels, predicted, 5);
    assertEquals(Arrays.toString(features), Arrays.toString(drawn.features().toInts()));
  }

  private static int distinct(int[] pixels, int from, int to, int count) {
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      assertTrue(pixels[i] >= from && pixels[i] < to);
      seen.add(pixels[i]);
    }
    return seen.size();
  }

  /** The memory carries no gradient: the loss is compared at the memory it was drawn with. */
  @Test
  void gradientsReachTheMapAndEveryHead() {
    ClassContrast contrast = new ClassContrast(new Init(device, 3), 5, CLASSES);
    contrast.train(true);
    int[] labels = new int[2 * 6 * 6];
    CounterRandom random = new CounterRandom(1, 2, 3, 4);
    Arrays.setAll(labels, i -> random.nextInt(CLASSES));
    double[] map = new double[5 * labels.length];
    Arrays.setAll(map, i -> random.nextDouble());
    ClassSample sample = new ClassSample(device, CLASSES, 1, 9);
    sample.draw(0, labels, labels, 0);
    Tensor x = device.tensor(map, 2, 5, 6, 6).requireGrad();
    Tensor loss = contrast.loss(x, sample.of(0));
    loss.backward();
    double value = loss.toDoubles()[0];
    assertTrue(value > 0 && value < 2 * (CLASSES - 1.0) / CLASSES, "loss " + value);
    assertTrue(Arrays.stream(x.grad().toDoubles()).anyMatch(g -> g != 0));
    contrast
        .parameters()
        .forEach(
            (name, p) ->
                assertTrue(Arrays.stream(p.grad().toDoubles()).anyMatch(g -> g != 0), name));
  }

  /** Of an absent class nothing is learnt, and without any class the loss is 0. */
  @Test
  void absentClasses() {
    ClassContrast contrast = new ClassContrast(new Init(device, 3), 5, CLASSES);
    contrast.train(true);
    ClassSample sample = new ClassSample(device, CLASSES, 1, 9);
    int[] none = new int[600];
    sample.draw(0, none, none, 0);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Tensor x = device.full(.5, 6, 5, 10, 10);
      assertEquals(0, contrast.loss(x, sample.of(0)).toDoubles()[0]);
    }
  }
}
