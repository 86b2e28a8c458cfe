package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.tensor.reference.ReferenceDevice;

class ScopeTest {
  private final Device device = new ReferenceDevice();

  @Test
  void releasesWhatWasMadeInIt() {
    Tensor before = device.zeros(3);
    Tensor inside;
    try (Scope scope = Scope.open()) {
      inside = device.zeros(3);
      assertFalse(inside.isReleased());
    }
    assertTrue(inside.isReleased());
    assertThrows(IllegalStateException.class, inside::toDoubles);
    assertFalse(before.isReleased());
  }

  @Test
  void mayBeLeftByAnEarlyClose() {
    try (Scope scope = Scope.open()) {
      Tensor t = device.zeros(3);
      t.close();
      t.close();
      assertTrue(t.isReleased());
    }
    assertEquals(0, device.usedBytes());
  }

  @Test
  void scopesNest() {
    Tensor outerTensor;
    Tensor kept;
    try (Scope outer = Scope.open()) {
      outerTensor = device.zeros(1);
      try (Scope inner = Scope.open()) {
        kept = inner.keep(device.full(7, 1));
        Tensor dropped = device.zeros(1);
        assertFalse(dropped.isReleased());
      }
      assertFalse(outerTensor.isReleased());
      assertEquals(7, kept.item(), "kept for the outer scope");
    }
    assertTrue(outerTensor.isReleased());
    assertTrue(kept.isReleased());
  }

  @Test
  void keepWithoutAnOuterScopeIsForTheCaller() {
    Tensor kept;
    try (Scope scope = Scope.open()) {
      kept = scope.keep(device.full(7, 1));
    }
    assertEquals(7, kept.item());
    kept.close();
    assertEquals(0, device.usedBytes());
  }

  @Test
  void aDetachedScopeOwnsNothing() {
    Tensor parameter;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.detached()) {
        parameter = device.full(3, 1);
      }
    }
    assertEquals(3, parameter.item());
  }

  @Test
  void innermostFirst() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThrows(IllegalStateException.class, outer::close);
    inner.close();
    outer.close();
  }

  @Test
  void belongToTheirThread() throws InterruptedException {
    Tensor[] other = new Tensor[1];
    try (Scope scope = Scope.open()) {
      Thread thread = new Thread(() -> other[0] = device.zeros(1));
      thread.start();
      thread.join();
    }
    assertFalse(other[0].isReleased());
  }
}
