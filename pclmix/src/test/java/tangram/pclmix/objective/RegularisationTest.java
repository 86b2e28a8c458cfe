package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** Losses of the methods against numbers worked out by hand, and against central differences. */
class RegularisationTest {
  private final Device device = Devices.get("reference");

  /** Class by class, each [2][2], of one image. */
  private Tensor p(double[]... classes) {
    double[] all = new double[classes.length * 4];
    for (int c = 0; c < classes.length; c++) {
      System.arraycopy(classes[c], 0, all, 4 * c, 4);
    }
    return device.tensor(all, 1, classes.length, 2, 2);
  }

  private static double[] all(double value) {
    return new double[] {value, value, value, value};
  }

  private Tensor first() {
    return p(
        new double[] {.7, .6, .4, .1},
        new double[] {.1, .2, .2, .1},
        all(.1),
        new double[] {.1, .1, .3, .7});
  }

  private Tensor image(double... x) {
    return device.tensor(x, 1, 1, 2, 2);
  }

  private Tensor labels(int... y) {
    return device.tensor(y, 1, 2, 2);
  }

  @ParameterizedTest
  @CsvSource({
    ".25, .25, .25, .25, .999997",
    "1, 0, 0, 0, 0",
    ".7, .1, .1, .1, .678387",
    ".5, .5, 0, 0, .499999"
  })
  void entropyIsAPartOfItsLargest(double a, double b, double c, double d, double expected) {
    Tensor p = p(all(a), all(b), all(c), all(d));
    assertEquals(expected, Regularisation.entropy(p).toDoubles()[0], 1e-6);
  }

  @Test
  void mumfordShah() {
    Tensor x = image(0, .2, .8, 1);
    Tensor uniform = p(all(.25), all(.25), all(.25), all(.25));
    assertEquals(.68, Regularisation.mumfordShah(uniform, x).toDoubles()[0], 1e-6);
    Tensor halves =
        p(new double[] {.7, .7, .1, .1}, all(.1), all(.1), new double[] {.1, .1, .7, .7});
    assertEquals(.392 + 2.4, Regularisation.mumfordShah(halves, x).toDoubles()[0], 1e-6);
    assertEquals(
        0, Regularisation.mumfordShah(uniform, image(.3, .3, .3, .3)).toDoubles()[0], 1e-12);
  }

  private Tensor crf(Tensor p, int radius) {
    return Regularisation.gatedCrf(p, image(0, .1, .2, .6), radius, 6, .1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void gatedCrf(int radius) {
    Tensor uniform = p(all(.25), all(.25), all(.25), all(.25));
    assertEquals(.495706, crf(uniform, radius).toDoubles()[0], 1e-6);
    assertEquals(0, crf(p(all(1), all(0), all(0), all(0)), radius).toDoubles()[0], 1e-12);
    Tensor split = p(new double[] {1, 1, 0, 0}, all(0), all(0), new double[] {0, 0, 1, 1});
    assertEquals(.361693, crf(split, radius).toDoubles()[0], 1e-6);
    Tensor p = first().requireGrad();
    Tensor e = crf(p, radius);
    assertEquals(.406241, e.toDoubles()[0], 1e-6);
    e.backward();
    double[] gradient = p.grad().toDoubles();
    double[] expected = {
      -.206143, -.327341, -.223705, -.000067, -.049929, -.118397, -.036285, -.000050
    };
    double[] found = new double[8];
    System.arraycopy(gradient, 0, found, 0, 4);
    System.arraycopy(gradient, 12, found, 4, 4);
    assertArrayEquals(expected, found, 1e-6);
  }

  @Test
  void dice() {
    Tensor p = first();
    assertEquals(.569719, Overlap.dice(p, labels(0, 0, 0, 3)).toDoubles()[0], 1e-6);
    assertEquals(.533083, Overlap.dice(p, labels(0, 4, 4, 3)).toDoubles()[0], 1e-6);
    Tensor uniform = p(all(.25), all(.25), all(.25), all(.25));
    assertEquals(.784594, Overlap.dice(uniform, labels(0, 0, 0, 3)).toDoubles()[0], 1e-6);
    Tensor perfect = p(new double[] {1, 1, 1, 0}, all(0), all(0), new double[] {0, 0, 0, 1});
    assertEquals(0, Overlap.dice(perfect, labels(0, 0, 0, 3)).toDoubles()[0], 1e-12);
  }

  @Test
  void noiseRobustDice() {
    Tensor p = first();
    assertEquals(.272060, Overlap.noiseRobustDice(p, labels(0, 0, 0, 3)).toDoubles()[0], 1e-6);
    assertEquals(.212533, Overlap.noiseRobustDice(p, labels(0, 4, 4, 3)).toDoubles()[0], 1e-6);
  }

  /** Each loss on random probabilities of two images of 5 x 6 pixels. */
  @Test
  void gradientsAreThoseOfCentralDifferences() {
    CounterRandom random = new CounterRandom(1, 2, 3, 4);
    double[] logits = new double[2 * 4 * 5 * 6];
    double[] pixels = new double[2 * 5 * 6];
    int[] labels = new int[pixels.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = 2 * random.nextDouble() - 1;
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextDouble();
      labels[i] = random.nextInt(5);
    }
    Tensor x = device.tensor(pixels, 2, 1, 5, 6);
    Tensor y = device.tensor(labels, 2, 5, 6);
    check(logits, Regularisation::entropy);
    check(logits, p -> Regularisation.mumfordShah(p, x));
    check(logits, p -> Regularisation.gatedCrf(p, x, 2, 1.5, .3));
    check(logits, p -> Overlap.dice(p, y));
    check(logits, p -> Overlap.noiseRobustDice(p, y));
  }

  private void check(double[] logits, UnaryOperator<Tensor> loss) {
    Tensor leaf = device.tensor(logits, 2, 4, 5, 6).requireGrad();
    loss.apply(leaf.softmax(1)).backward();
    double[] gradient = leaf.grad().toDoubles();
    double step = 1e-6;
    for (int i = 0; i < logits.length; i += 7) {
      double[] moved = logits.clone();
      moved[i] += step;
      double above = loss.apply(device.tensor(moved, 2, 4, 5, 6).softmax(1)).toDoubles()[0];
      moved[i] -= 2 * step;
      double below = loss.apply(device.tensor(moved, 2, 4, 5, 6).softmax(1)).toDoubles()[0];
      double expected = (above - below) / (2 * step);
      assertEquals(expected, gradient[i], 1e-7 + 1e-6 * Math.abs(expected), "element " + i);
    }
  }
}
