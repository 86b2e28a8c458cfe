package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** The losses of scribbles against numbers worked out by hand. */
class ScribbleLossTest {
  private final Device device = Devices.get("reference");

  /** Of one image of 1 x 3 pixels with three classes: .5 .3 .2; .2 .6 .2; .1 .1 .8. */
  private final Tensor p =
      device.tensor(new double[] {.5, .2, .1, .3, .6, .1, .2, .2, .8}, 1, 3, 1, 3);

  private Target target(double[] scribble, double[] far, double[] absent) {
    return new Target(
        device.tensor(scribble, 1, 1, 3),
        far == null ? null : device.tensor(far, 1, 1, 3),
        absent == null ? null : device.tensor(absent, 1, 3, 1, 1));
  }

  private static double value(Tensor loss) {
    return loss.toDoubles()[0];
  }

  @Test
  void balanced() {
    // Background twice, class 2 once: the mean of both means.
    Target y = target(new double[] {0, 0, 2}, null, null);
    double background = -(Math.log(.5) + Math.log(.2)) / 2;
    double other = -Math.log(.8);
    double plain = (2 * background + other) / 3;
    assertEquals(plain, value(ScribbleLoss.PLAIN.of(p, y)), 1e-6);
    ScribbleLoss balanced = new ScribbleLoss(true, 0, 0);
    assertEquals((background + other) / 2, value(balanced.of(p, y)), 1e-6);
    assertEquals(0, value(balanced.of(p, target(new double[] {3, 3, 3}, null, null))));
  }

  @Test
  void farAndAbsent() {
    double[] none = {3, 3, 3};
    Target y = target(none, new double[] {3, 0, 0}, new double[] {0, 0, 1});
    double far = -(Math.log(.2) + Math.log(.1)) / 2;
    double absent = -(2 * Math.log(.8) + Math.log(.2)) / 3;
    assertEquals(.3 * far + 2 * absent, value(new ScribbleLoss(false, .3, 2).of(p, y)), 1e-6);
    Target nothing = target(none, none, new double[3]);
    assertEquals(0, value(new ScribbleLoss(false, .3, 2).of(p, nothing)));
  }

  /** Pixel 1 comes from the second image, in which class 1 is absent, not class 2. */
  @Test
  void mixed() {
    Tensor two = Tensor.cat(0, p, p);
    Target y =
        new Target(
            device.tensor(new double[] {0, 0, 0, 1, 1, 1}, 2, 1, 3),
            device.tensor(new double[] {3, 3, 3, 0, 0, 0}, 2, 1, 3),
            device.tensor(new double[] {0, 0, 1, 0, 1, 0}, 2, 3, 1, 1));
    Tensor first = device.tensor(new int[] {0, 1}, 2);
    Tensor second = device.tensor(new int[] {1, 0}, 2);
    Tensor mask = device.tensor(new double[] {1, 0, 1, 1, 1, 1}, 2, 1, 3).to(DType.F64);
    Target mix = y.cutMix(first, second, mask);
    assertEquals("[0.0, 1.0, 0.0, 1.0, 1.0, 1.0]", text(mix.scribble()));
    assertEquals("[3.0, 0.0, 3.0, 0.0, 0.0, 0.0]", text(mix.far()));
    double firstImage = -(Math.log(.8) + Math.log(.4) + Math.log(.2));
    double secondImage = -(Math.log(.7) + Math.log(.4) + Math.log(.9));
    assertEquals((firstImage + secondImage) / 6, value(Losses.absence(two, mix.absent())), 1e-6);
  }

  private static String text(Tensor x) {
    return java.util.Arrays.toString(x.toDoubles());
  }

  /** Single precision, in which 1 + 1e-8 is 1, and softmax may give a little more than 1. */
  @Test
  void sureOfWhatIsAbsent() {
    Device single = Devices.get(Devices.DEFAULT);
    for (float sure : new float[] {1, Math.nextUp(1f)}) {
      Tensor q = single.tensor(new float[] {0, sure}, 1, 2, 1, 1).requireGrad();
      Tensor loss = Losses.absence(q, single.tensor(new float[] {0, 1}, 1, 2, 1, 1));
      loss.backward();
      assertEquals(-Math.log(1e-8), value(loss), 1e-4);
      for (double g : q.grad().toDoubles()) {
        assertTrue(Double.isFinite(g), "a gradient of " + g);
      }
      // Sure of what is there: no loss.
      Tensor there = Losses.absence(q, single.tensor(new float[] {0, 0}, 1, 2, 1, 1));
      assertEquals(0, value(there));
    }
  }

  /** Gradients against central differences. */
  @Test
  void gradients() {
    Target y = target(new double[] {0, 3, 2}, new double[] {3, 0, 3}, new double[] {0, 1, 0});
    ScribbleLoss loss = new ScribbleLoss(true, .3, .7);
    Tensor x = device.tensor(p.toDoubles(), 1, 3, 1, 3).requireGrad();
    loss.of(x, y).backward();
    double[] gradient = x.grad().toDoubles();
    double[] at = p.toDoubles();
    for (int i = 0; i < at.length; i++) {
      double[] moved = at.clone();
      moved[i] = at[i] + 1e-6;
      double up = value(loss.of(device.tensor(moved, 1, 3, 1, 3), y));
      moved[i] = at[i] - 1e-6;
      double down = value(loss.of(device.tensor(moved, 1, 3, 1, 3), y));
      assertEquals((up - down) / 2e-6, gradient[i], 1e-6);
    }
  }
}
