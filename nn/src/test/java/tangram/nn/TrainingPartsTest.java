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
import tangram.tensor.op.LinearOp;

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
        w.sum().backward();
      }
      sgd.step();
      assertEquals(expected, w.item(), 1e-12);
    }
  }

  /** Four steps on the sum of c w^3, as PyTorch 1.13 takes them. */
  @Test
  void adamAsInPyTorch() {
    double[][] expected = {
      {0.8026117178627241, -2.200681618625548, 0.7014716316792691},
      {0.8025565304169671, -2.2007020304664295, 0.7014686672540891},
      {0.7845739854763764, -2.159353415875013, 0.6900489200174965}
    };
    Tensor c = device.tensor(new double[] {1, 0.2, -3});
    for (int kind = 0; kind < 3; kind++) {
      Tensor w = device.tensor(new double[] {1, -2, 0.5}).requireGrad();
      Map<String, Tensor> parameters = Map.of("w", w);
      double decay = kind == 0 ? 0 : 0.1;
      Adam adam =
          kind < 2
              ? Adam.adam(device, parameters, 0.8, 0.95, 1e-3, decay)
              : Adam.adamW(device, parameters, 0.8, 0.95, 1e-3, decay);
      adam.setLearningRate(0.05);
      for (int step = 0; step < 4; step++) {
        w.zeroGrad();
        try (Scope scope = Scope.open()) {
          w.pow(3).mul(c).sum().backward();
        }
        adam.step();
      }
      assertArrayEquals(expected[kind], w.toDoubles(), 1e-12);
      assertEquals(4, adam.state().get("step").item());
      assertEquals(3, adam.state().size());
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

  @Test
  void aStepNeedsALearningRate() {
    Tensor w = device.tensor(new double[] {1}, 1).requireGrad();
    Sgd sgd = new Sgd(device, Map.of("w", w), 0.5, 0.1);
    IllegalStateException e = assertThrows(IllegalStateException.class, sgd::step);
    assertTrue(e.getMessage().contains("learning rate"), e.getMessage());
    for (double rate : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> sgd.setLearningRate(rate));
    }
    sgd.setLearningRate(0);
    sgd.step();
    assertEquals(1, w.item());
  }

  /** The derivative of y = w x reads w, which a step overwrites. */
  @Test
  void aStepBetweenForwardAndBackwardIsNoticed() {
    try (Scope scope = Scope.open()) {
      Tensor w = device.tensor(new double[] {3}, 1, 1).requireGrad();
      Tensor x = device.tensor(new double[] {2}, 1, 1).requireGrad();
      Sgd sgd = new Sgd(device, Map.of("w", w), 0, 0);
      sgd.setLearningRate(0.1);
      LinearOp.linear(x, w, null).sum().backward();
      Tensor y = LinearOp.linear(x, w, null);
      sgd.step();
      String message =
          assertThrows(IllegalStateException.class, () -> y.sum().backward()).getMessage();
      assertTrue(message.contains("backward() of linear") && message.contains("'weight'"), message);
    }
  }

  /** A module whose tensors are made in the way of any other. */
  private static final class Shift extends Module {
    private final Tensor by;
    private final Tensor count;

    private Shift(Device device) {
      by = parameter("by", device.full(3, 2));
      count = buffer("count", device.tensor(new double[] {1}));
    }
  }

  @Test
  void aModuleOutlivesTheScopeItIsBuiltIn() {
    Shift shift;
    try (Scope outer = Scope.open();
        Scope inner = Scope.open()) {
      shift = new Shift(device);
      shift.by.sum().backward();
    }
    assertArrayEquals(new double[] {3, 3}, shift.by.toDoubles());
    assertArrayEquals(new double[] {1, 1}, shift.by.grad().toDoubles());
    assertEquals(1, shift.count.item());
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
