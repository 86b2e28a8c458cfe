package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.SumOp;

class TrainingPartsTest {
  private final Device device = Devices.get("reference");

  @Test
  void polynomialDecay() {
    PolynomialSchedule schedule = new PolynomialSchedule(0.03, 0.001, 100, 0.9);
    assertEquals(0.03, schedule.at(0), 1e-15);
    assertEquals(0.001 + 0.029 * Math.pow(0.5, 0.9), schedule.at(50), 1e-15);
    assertEquals(0.001, schedule.at(100), 1e-15);
    assertEquals(0.001, schedule.at(1000), 1e-15);
  }

  /** Gradient 1, decay 0.1, momentum 0.5, rate 0.1, from w = 1: worked by hand. */
  @Test
  void sgdWithMomentumAndWeightDecay() {
    Tensor w = device.tensor(new double[] {1}, 1).requireGrad();
    Sgd sgd = new Sgd(device, Map.of("w", w), 0.5, 0.1);
    sgd.setLearningRate(0.1);
    for (double expected : new double[] {0.89, 0.7261}) {
      w.zeroGrad();
      try (Scope scope = Scope.open()) {
        SumOp.sum(w).backward();
      }
      sgd.step();
      assertEquals(expected, w.item(), 1e-12);
    }
  }

  @Test
  void parametersWithoutGradientStayAsTheyAre() {
    Tensor w = device.tensor(new double[] {1}, 1).requireGrad();
    Sgd sgd = new Sgd(device, Map.of("w", w), 0.5, 0.1);
    sgd.setLearningRate(0.1);
    sgd.step();
    assertEquals(1, w.item());
  }

  private static final class Dropping extends Module {
    private final DropPath drop;

    private Dropping(Init init, double probability) {
      drop = child("drop", new DropPath(init, probability));
    }
  }

  @Test
  void dropPathDropsSamplesAndKeepsTheMean() {
    Dropping module = new Dropping(new Init(device, 0), 0.25);
    int n = 4000;
    try (Scope scope = Scope.open()) {
      Tensor x = device.full(1, n, 2);
      assertThrows(IllegalStateException.class, () -> module.drop.forward(x));
      DropPath.resampleAll(module, n, 1, 2, 0);
      float[] y = module.drop.forward(x).toFloats();
      double sum = 0;
      for (int i = 0; i < n; i++) {
        assertTrue(y[2 * i] == 0 || Math.abs(y[2 * i] - 4 / 3f) < 1e-6);
        assertEquals(y[2 * i], y[2 * i + 1]);
        sum += y[2 * i];
      }
      assertEquals(1, sum / n, 0.03);
      DropPath.resampleAll(module, n, 1, 2, 0);
      assertArrayEquals(y, module.drop.forward(x).toFloats());
      module.train(false);
      assertEquals(x, module.drop.forward(x));
    }
  }
}
