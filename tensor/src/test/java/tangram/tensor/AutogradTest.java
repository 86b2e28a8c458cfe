package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.AddOp.add;
import static tangram.tensor.op.GeluOp.gelu;
import static tangram.tensor.op.LerpOp.lerp;
import static tangram.tensor.op.MseLossOp.mseLoss;
import static tangram.tensor.op.ReluOp.relu;
import static tangram.tensor.op.ReshapeOp.reshape;
import static tangram.tensor.op.ScaleOp.scale;
import static tangram.tensor.op.SumOp.sum;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.op.ReluOp;
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
    sum(x).backward();
    sum(lerp(x, x, 0.25)).backward();
    assertGrad(x, 2, 2);
    x.zeroGrad();
    assertGrad(x, 0, 0);
  }

  @Test
  void aClosedGradientBeginsAnew() {
    Tensor x = leaf(1, 2);
    sum(x).backward();
    x.grad().close();
    x.zeroGrad();
    assertNull(x.grad());
    sum(x).backward();
    assertGrad(x, 1, 1);
  }

  /** d/dx of x + x + (x + x) is 4, whichever handles the additions pass on. */
  @Test
  void valuesUsedSeveralTimes() {
    Tensor x = leaf(1, 2);
    Tensor doubled = add(x, x);
    add(doubled, doubled).backward(device.tensor(new double[] {1, 10}, 2));
    assertGrad(x, 4, 40);
  }

  /** Both paths from h hand on the same gradient tensor; neither may write over the other's. */
  @Test
  void sharedGradientsAreNotOverwritten() {
    Tensor x = leaf(1);
    Tensor y = leaf(5);
    Tensor h = add(x, y);
    Tensor left = reshape(h, 1, 1);
    Tensor right = reshape(add(h, h), 1, 1);
    Tensor bottom = add(add(left, right), reshape(h, 1, 1));
    sum(bottom).backward();
    assertGrad(x, 4);
    assertGrad(y, 4);
  }

  @Test
  void theSeedIsNotChanged() {
    Tensor x = leaf(1, 2);
    Tensor seed = device.tensor(new double[] {3, 4}, 2);
    add(add(x, x), x).backward(seed);
    assertArrayEquals(new double[] {3, 4}, seed.toDoubles());
    assertGrad(x, 9, 12);
  }

  @Test
  void onlyWhatNeedsAGradientGetsOne() {
    Tensor x = leaf(1, 2);
    Tensor constant = device.tensor(new double[] {5, 5}, 2);
    mseLoss(x, constant).backward();
    assertGrad(x, -4, -3);
    assertNull(constant.grad());
    Tensor detached = x.detach();
    assertFalse(add(detached, constant).requiresGrad());
  }

  /** What was used before it was marked gets the gradient of later operations, all or nothing. */
  @Test
  void aTensorMarkedAfterItsUseGetsNothingOfEarlierOperations() {
    Tensor w = leaf(2);
    Tensor x = device.tensor(new double[] {3});
    Tensor y = add(add(relu(x), w), x);
    x.requireGrad();
    y.backward();
    assertGrad(w, 1);
    assertNull(x.grad());
    add(w, x).backward();
    assertGrad(x, 1);
  }

  @Test
  void aComputedTensorMayBeALeafIfNothingBeforeItNeedsAGradient() {
    Tensor x = relu(device.tensor(new double[] {3})).requireGrad();
    add(x, x).backward();
    assertGrad(x, 2);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> relu(x).requireGrad());
    assertTrue(e.getMessage().contains("relu") && e.getMessage().contains("detach()"));
  }

  /** Overwriting a factor between forward and backward once gave its new value as gradient. */
  @Test
  void anOverwrittenOperandIsNamed() {
    Tensor x = leaf(1);
    Tensor s = device.tensor(new double[] {2});
    Tensor y = scale(x, s);
    s.fill(50);
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("backward() of scale") && message.contains("'s'"), message);
    assertTrue(message.contains("overwritten"), message);
  }

  /** What is refused leaves no part of a gradient behind. */
  @Test
  void aRefusedWalkChangesNoGradient() {
    Tensor x = leaf(1);
    Tensor early = leaf(2);
    Tensor y = add(gelu(early), x);
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
    Tensor y = gelu(x);
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
      assertFalse(relu(x).requiresGrad());
    }
    assertTrue(relu(x).requiresGrad());
  }

  @Test
  void backwardReleasesTheGraph() {
    Tensor x = leaf(1, 2);
    Tensor hidden = gelu(x);
    Tensor value = hidden.detach();
    Tensor y = sum(hidden);
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
    Tensor hidden = relu(x);
    sum(hidden).backward();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> sum(hidden));
    assertTrue(e.getMessage().contains("released"), e.getMessage());
  }

  /** Nobody differentiates by what add() read, but a ReLU's derivative reads its result. */
  @Test
  void whatNoDerivativeReadsIsReturnedAtOnce() {
    Tensor x = leaf(-1, 2);
    Tensor sum = add(x, x);
    Tensor y = sum.then(ReluOp::relu);
    assertTrue(sum.isReleased());
    Tensor z = y.then(r -> add(r, x));
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
    add(relu(x), add(relu(scale(x, device.scalar(-1))), x)).backward(seed);
    assertGrad(x, 0, 20);
    assertArrayEquals(new double[] {1, 10}, seed.toDoubles());
  }

  @Test
  void misuseIsRefused() {
    Tensor x = leaf(1, 2);
    assertThrows(IllegalStateException.class, x::backward);
    assertThrows(IllegalArgumentException.class, () -> relu(x).backward(device.zeros(3)));
    assertThrows(IllegalStateException.class, () -> device.zeros(1).backward());
    assertThrows(IllegalStateException.class, () -> relu(x).requireGrad());
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
      y = add(y, x);
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
      Tensor h = gelu(add(x, relu(x)));
      mseLoss(h, device.zeros(3)).backward();
    }
  }
}
