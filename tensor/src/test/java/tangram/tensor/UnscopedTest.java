package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tangram.tensor.vector.VectorDevice;

/** Tensors that belong to no scope. */
class UnscopedTest {
  private final Device device = new VectorDevice();

  /** 100,000 numbers an operation: 2 GB if nothing were returned, half of them views. */
  @Test
  void tenThousandOperationsStaySmall() {
    Tensor x = device.full(0.5, 500, 200);
    for (int i = 0; i < 5000; i++) {
      x.reshape(200, 500).gelu();
    }
    assertEquals(0.5, x.toFloats()[7]);
    assertTrue(device.peakBytes() < 128 << 20, device.peakBytes() + " bytes");
    assertTrue(device.reservedBytes() < 128 << 20, device.reservedBytes() + " bytes");
  }

  /** Graphs refer to their tensors in circles. */
  @Test
  void graphsAreReturned() {
    Tensor x = device.full(0.5, 1000, 200).requireGrad();
    Tensor target = device.zeros(1000, 200);
    for (int i = 0; i < 300; i++) {
      Tensor loss = x.add(x).gelu().sub(target).square().mean();
      if (i % 2 == 0) {
        loss.backward();
      }
    }
    assertTrue(Double.isFinite(x.grad().toFloats()[0]));
    assertTrue(device.peakBytes() < 128 << 20, device.peakBytes() + " bytes");
  }

  @Test
  void aKeptTensorIsReturnedToo() {
    for (int i = 0; i < 1000; i++) {
      try (Scope scope = Scope.open()) {
        scope.keep(device.full(1, 1000, 200));
      }
    }
    assertTrue(device.peakBytes() < 128 << 20, device.peakBytes() + " bytes");
  }

  @Test
  void closingReturnsTheGradient() {
    long before = device.usedBytes();
    Tensor x = device.full(2, 100).requireGrad();
    x.backward(device.full(1, 100));
    Tensor grad = x.grad();
    x.close();
    assertTrue(grad.isReleased());
    assertNull(x.grad());
    assertThrows(IllegalStateException.class, grad::toFloats);
    // The seed is not closed.
    assertTrue(device.usedBytes() - before <= 512, device.usedBytes() - before + " bytes");
  }

  /** A leaf that a scope owns takes its gradient with it. */
  @Test
  void aScopeReturnsTheGradientsOfItsLeaves() {
    for (int i = 0; i < 10; i++) {
      try (Scope scope = Scope.open()) {
        Tensor x = device.full(2, 100).requireGrad();
        x.backward(device.full(1, 100));
      }
      assertEquals(0, device.usedBytes());
    }
  }

  @Test
  void aPersistentTensorOutlivesItsScopes() {
    Tensor persistent;
    Tensor ofOuter;
    try (Scope outer = Scope.open()) {
      ofOuter = device.full(1, 3);
      try (Scope inner = Scope.open()) {
        persistent = Scope.persist(device.full(4, 3));
        Scope.persist(ofOuter);
        Scope.persist(ofOuter);
      }
    }
    assertEquals(4, persistent.toFloats()[2]);
    assertFalse(ofOuter.isReleased());
    persistent.close();
    ofOuter.close();
    assertEquals(0, device.usedBytes());
    assertThrows(IllegalStateException.class, () -> Scope.persist(persistent));
  }

  @Test
  void aTensorOfAnotherThreadsScopeIsRefused() throws InterruptedException {
    try (Scope scope = Scope.open()) {
      Tensor x = device.full(1, 3);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> thrown.set(assertThrows(IllegalStateException.class, () -> Scope.persist(x))));
      thread.start();
      thread.join();
      assertTrue(thrown.get().getMessage().contains("another thread"));
    }
  }
}
