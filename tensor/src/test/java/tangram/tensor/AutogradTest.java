package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.reference.ReferenceDevice;

class AutogradTest {
  private final Device device = new ReferenceDevice();
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor leaf(double... values) {
    return device.tensor(values, values.length).requireGrad();
  }

  private static void assertGrad(Tensor leaf, double... expected) {
    assertArrayEquals(expected, leaf.grad().toDoubles(), 1e-15);
  }

  @Test
  void gradientsAccumulateUntilZeroed() {
    Tensor x = leaf(1, 2);
    assertNull(x.grad());
    x.sum().backward();
    x.lerp(x, 0.25).sum().backward();
    assertGrad(x, 2, 2);
    x.zeroGrad();
    assertGrad(x, 0, 0);
  }

  @Test
  void aClosedGradientBeginsAnew() {
    Tensor x = leaf(1, 2);
    x.sum().backward();
    x.grad().close();
    x.zeroGrad();
    assertNull(x.grad());
    x.sum().backward();
    assertGrad(x, 1, 1);
  }

  /** d/dx of x + x + (x + x) is 4, whichever handles the additions pass on. */
  @Test
  void valuesUsedSeveralTimes() {
    Tensor x = leaf(1, 2);
    Tensor doubled = x.add(x);
    doubled.add(doubled).backward(device.tensor(new double[] {1, 10}, 2));
    assertGrad(x, 4, 40);
  }

  /** Both paths from h hand on the same gradient tensor; neither may write over the other's. */
  @Test
  void sharedGradientsAreNotOverwritten() {
    Tensor x = leaf(1);
    Tensor y = leaf(5);
    Tensor h = x.add(y);
    Tensor left = h.reshape(1, 1);
    Tensor right = h.add(h).reshape(1, 1);
    Tensor bottom = left.add(right).add(h.reshape(1, 1));
    bottom.sum().backward();
    assertGrad(x, 4);
    assertGrad(y, 4);
  }

  @Test
  void theSeedIsNotChanged() {
    Tensor x = leaf(1, 2);
    Tensor seed = device.tensor(new double[] {3, 4}, 2);
    x.add(x).add(x).backward(seed);
    assertArrayEquals(new double[] {3, 4}, seed.toDoubles());
    assertGrad(x, 9, 12);
  }

  @Test
  void onlyWhatNeedsAGradientGetsOne() {
    Tensor x = leaf(1, 2);
    Tensor constant = device.tensor(new double[] {5, 5}, 2);
    x.sub(constant).square().mean().backward();
    assertGrad(x, -4, -3);
    assertNull(constant.grad());
    Tensor detached = x.detach();
    assertFalse(detached.add(constant).requiresGrad());
  }

  /** What was used before it was marked gets the gradient of later operations, all or nothing. */
  @Test
  void aTensorMarkedAfterItsUseGetsNothingOfEarlierOperations() {
    Tensor w = leaf(2);
    Tensor x = device.tensor(new double[] {3});
    Tensor y = x.relu().add(w).add(x);
    x.requireGrad();
    y.backward();
    assertGrad(w, 1);
    assertNull(x.grad());
    w.add(x).backward();
    assertGrad(x, 1);
  }

  @Test
  void aComputedTensorMayBeALeafIfNothingBeforeItNeedsAGradient() {
    Tensor x = device.tensor(new double[] {3}).relu().requireGrad();
    x.add(x).backward();
    assertGrad(x, 2);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> x.relu().requireGrad());
    assertTrue(e.getMessage().contains("relu") && e.getMessage().contains("detach()"));
  }

  /** Overwriting a factor between forward and backward once gave its new value as gradient. */
  @Test
  void anOverwrittenOperandIsNamed() {
    Tensor x = leaf(1);
    Tensor s = device.tensor(new double[] {2});
    Tensor y = x.mul(s);
    s.fill(50);
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("backward() of mul") && message.contains("'b'"), message);
    assertTrue(message.contains("overwritten"), message);
  }

  /** What is refused leaves no part of a gradient behind. */
  @Test
  void aRefusedWalkChangesNoGradient() {
    Tensor x = leaf(1);
    Tensor early = leaf(2);
    Tensor y = early.gelu().add(x);
    early.copyFrom(new double[] {3}, 0);
    assertThrows(IllegalStateException.class, y::backward);
    assertNull(x.grad());
    assertNull(early.grad());
    assertFalse(y.isReleased());
  }

  /** A view's writes are its whole's. */
  @Test
  void writingToAViewCounts() {
    Tensor x = leaf(1, 2);
    Tensor y = x.gelu();
    x.slice(1, Shape.of(1)).copyFrom(new double[] {5}, 0);
    assertThrows(IllegalStateException.class, () -> y.backward(device.tensor(new double[] {1, 1})));
  }

  @Test
  void theRootMayBeALeaf() {
    Tensor x = leaf(1);
    x.backward();
    assertGrad(x, 1);
  }

  @Test
  void nothingIsRecordedWithoutGrad() {
    Tensor x = leaf(1, 2);
    try (Autograd.Guard outer = Autograd.noGrad()) {
      try (Autograd.Guard inner = Autograd.noGrad()) {
        assertFalse(Autograd.isEnabled());
      }
      assertFalse(Autograd.isEnabled(), "guards nest");
      assertFalse(x.relu().requiresGrad());
    }
    assertTrue(x.relu().requiresGrad());
  }

  @Test
  void backwardReleasesTheGraph() {
    Tensor x = leaf(1, 2);
    Tensor hidden = x.gelu();
    Tensor value = hidden.detach();
    Tensor y = hidden.sum();
    y.backward();
    assertTrue(hidden.isReleased());
    assertEquals(2, value.toDoubles().length, "detach() keeps a value");
    assertTrue(y.item() > 0, "the root stays");
    IllegalStateException e = assertThrows(IllegalStateException.class, y::backward);
    assertTrue(e.getMessage().contains("sum"), e.getMessage());
  }

  /** A released value that a second graph still needs is an error with a message, not garbage. */
  @Test
  void aReleasedValueCannotBeUsed() {
    Tensor x = leaf(1, 2);
    Tensor hidden = x.relu();
    hidden.sum().backward();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> hidden.sum());
    assertTrue(e.getMessage().contains("released"), e.getMessage());
  }

  /** Nobody differentiates by what add() read, but a ReLU's derivative reads its result. */
  @Test
  void whatNoDerivativeReadsIsReturnedAtOnce() {
    Tensor x = leaf(-1, 2);
    Tensor sum = x.add(x);
    Tensor y = sum.then(Tensor::relu);
    assertTrue(sum.isReleased());
    Tensor z = y.then(r -> r.add(x));
    assertFalse(y.isReleased());
    z.backward(device.tensor(new double[] {1, 1}, 2));
    assertTrue(y.isReleased());
    assertGrad(x, 1, 3);
  }

  /** A gradient that two operations receive is not overwritten by the first. */
  @Test
  void gradientsOfSeveralSurviveOperationsInPlace() {
    Tensor x = leaf(-1, 2);
    Tensor seed = device.tensor(new double[] {1, 10}, 2);
    x.relu().add(x.mul(device.scalar(-1)).relu().add(x)).backward(seed);
    assertGrad(x, 0, 20);
    assertArrayEquals(new double[] {1, 10}, seed.toDoubles());
  }

  @Test
  void misuseIsRefused() {
    Tensor x = leaf(1, 2);
    assertThrows(IllegalStateException.class, x::backward);
    assertThrows(IllegalArgumentException.class, () -> x.relu().backward(device.zeros(3)));
    assertThrows(IllegalStateException.class, () -> device.zeros(1).backward());
    assertThrows(IllegalStateException.class, () -> x.relu().requireGrad());
  }

  @Test
  void aGradientOfTheWrongShapeIsRefused() {
    Tensor x = leaf(1, 2);
    Tensor y =
        Autograd.record(
            "broken",
            device.zeros(1),
            new Tensor[] {x},
            new Tensor[0],
            gy -> new Tensor[] {device.zeros(3)});
    IllegalStateException e = assertThrows(IllegalStateException.class, y::backward);
    assertTrue(e.getMessage().contains("broken"), e.getMessage());
  }

  /** Long chains are walked without recursion. */
  @Test
  void deepGraphs() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 20000; i++) {
      y = y.add(x);
    }
    y.backward();
    assertGrad(x, 20001);
  }

  /** Once the gradient exists, a step needs no more memory and leaves nothing behind. */
  @Test
  void aStepLeavesNothingBehind() {
    Tensor x = leaf(1, 2, 3);
    step(x);
    step(x);
    long used = device.usedBytes();
    long peak = device.peakBytes();
    for (int i = 0; i < 10; i++) {
      step(x);
    }
    assertEquals(used, device.usedBytes());
    assertEquals(peak, device.peakBytes());
  }

  private void step(Tensor x) {
    try (Scope inner = Scope.open()) {
      Tensor h = x.add(x.relu()).gelu();
      h.sub(device.zeros(3)).square().mean().backward();
    }
  }
}
