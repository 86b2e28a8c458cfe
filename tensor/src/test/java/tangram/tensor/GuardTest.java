package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.reference.ReferenceDevice;

class GuardTest {
  private final Device device = new ReferenceDevice();

  @AfterEach
  void recordAgain() {
    Autograd.disabled().closeTo(0);
  }

  @Test
  void aForgottenGuardIsNamedByBackward() {
    Tensor x = device.full(1, 2).requireGrad();
    Autograd.noGrad();
    Tensor y = x.sum();
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("noGrad()") && message.contains("GuardTest"), message);
  }

  @Test
  void aScopeFindsAGuardThatWasForgottenInIt() {
    Scope scope = Scope.open();
    Autograd.noGrad();
    Autograd.noGrad();
    String message = assertThrows(IllegalStateException.class, scope::close).getMessage();
    assertTrue(message.contains("noGrad()") && message.contains("GuardTest"), message);
    assertTrue(Autograd.isEnabled(), "what follows is recorded again");
  }

  @Test
  void guardsAreClosedInnermostFirst() {
    Autograd.Guard outer = Autograd.noGrad();
    Autograd.Guard inner = Autograd.noGrad();
    assertThrows(IllegalStateException.class, outer::close);
    assertFalse(Autograd.isEnabled());
    inner.close();
    outer.close();
    assertTrue(Autograd.isEnabled());
    inner.close();
    outer.close();
    assertTrue(Autograd.isEnabled(), "a second call does nothing");
  }

  @Test
  void guardsBelongToTheirThread() throws InterruptedException {
    Autograd.Guard guard = Autograd.noGrad();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              thrown.set(assertThrows(IllegalStateException.class, guard::close));
              assertTrue(Autograd.isEnabled());
            });
    thread.start();
    thread.join();
    assertTrue(thrown.get().getMessage().contains("thread"), thrown.get().getMessage());
    assertFalse(Autograd.isEnabled());
    guard.close();
    assertTrue(Autograd.isEnabled());
  }

  @Test
  void tracersAreClosedInnermostFirst() {
    Tracer first = new Tracer() {};
    Tracer second = new Tracer() {};
    Autograd.Guard outer = first.start();
    Autograd.Guard inner = second.start();
    assertThrows(IllegalStateException.class, outer::close);
    assertEquals(second, Tracer.current());
    inner.close();
    assertEquals(first, Tracer.current());
    outer.close();
  }
}
