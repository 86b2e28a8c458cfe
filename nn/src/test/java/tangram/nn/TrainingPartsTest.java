package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

class TrainingPartsTest {
  private final Device device = Devices.get("reference");

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
