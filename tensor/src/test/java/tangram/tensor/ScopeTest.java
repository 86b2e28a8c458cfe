package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
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

  @Test
  void aScopeOwnsWhatWasMadeOutside() {
    Tensor outside = device.full(5, 1);
    Tensor persistent = device.full(6, 1);
    Tensor kept = device.full(7, 1);
    try (Scope scope = Scope.open()) {
      Scope.own(outside);
      Scope.own(persistent);
      Scope.own(kept);
      assertThrows(IllegalStateException.class, () -> Scope.own(outside));
      assertThrows(IllegalStateException.class, () -> Scope.own(device.zeros(1)));
      Scope.persist(persistent);
      scope.keep(kept);
    }
    assertTrue(outside.isReleased());
    assertEquals(6, persistent.item());
    assertEquals(7, kept.item());
    assertThrows(IllegalStateException.class, () -> Scope.own(outside));
    assertEquals(6, Scope.own(persistent).item(), "there is no scope");
    persistent.close();
    kept.close();
    assertEquals(0, device.usedBytes());
  }

  @Test
  void tensorsGoToAnotherDeviceAndGradientsBack() {
    Device vector = Devices.get("vector");
    Tensor x = device.tensor(new double[] {1, 2}).requireGrad();
    Tensor y = x.to(vector);
    assertEquals(vector, y.device());
    y.square().sum().backward();
    assertArrayEquals(new double[] {2, 4}, x.grad().toDoubles());
    assertEquals(device, x.grad().device());
    assertSame(y, y.to(vector));
    for (DType type : new DType[] {DType.I32, DType.I64, DType.BOOL, DType.F64, DType.F16}) {
      Tensor z = vector.arange(2).to(type).to(device);
      assertEquals(type, z.type());
      assertEquals(1, z.select(0, 1).item());
    }
  }
}
