package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tangram.tensor.reference.ReferenceDevice;

class TensorTest {
  private final Device device = new ReferenceDevice();

  @Test
  void viewsShareMemory() {
    Tensor x = device.tensor(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor view = x.view(Shape.of(3, 2));
    assertSame(x.buffer().storage(), view.buffer().storage());
    assertEquals(x.buffer().offset(), view.buffer().offset());
    view.copyFrom(new double[] {6, 5, 4, 3, 2, 1}, 0);
    assertArrayEquals(new double[] {6, 5, 4, 3, 2, 1}, x.toDoubles());
    Tensor row = x.slice(3, Shape.of(3));
    assertArrayEquals(new double[] {3, 2, 1}, row.toDoubles());
    x.close();
    view.close();
    assertArrayEquals(new double[] {3, 2, 1}, row.toDoubles(), "the last view keeps the memory");
    row.close();
    assertEquals(0, device.usedBytes());
  }

  /** Of every type, views too; gradients come back. */
  @Test
  void goesToAnotherDevice() {
    Device other = Devices.get("vector");
    try (Scope scope = Scope.open()) {
      for (DType type : DType.values()) {
        Tensor x = device.tensor(new float[] {1, 0, 0.5f, 3, 1, 0}, 2, 3).to(type).t();
        Tensor y = x.to(other);
        assertSame(other, y.device());
        assertEquals(type, y.type());
        Tensor back = y.to(device);
        assertTrue(back.eq(x).all(new int[0], false).toBooleans()[0], type + ": " + y);
        assertSame(x, x.to(device));
      }
      Tensor x = device.tensor(new double[] {1, 2, 3}).requireGrad();
      x.square().to(other).mul(2).to(device).sum().backward();
      assertArrayEquals(new double[] {4, 8, 12}, x.grad().toDoubles());
    }
  }

  @Test
  void viewsMustFit() {
    Tensor x = device.zeros(2, 3);
    assertThrows(IllegalArgumentException.class, () -> x.view(Shape.of(5)));
    assertThrows(IllegalArgumentException.class, () -> x.slice(4, Shape.of(3)));
    assertThrows(IllegalArgumentException.class, () -> x.slice(-1, Shape.of(3)));
    assertThrows(IllegalArgumentException.class, () -> x.slice(Integer.MAX_VALUE, Shape.of(3)));
  }

  @Test
  void hostArraysMustBeLongEnough() {
    Tensor x = device.zeros(2, 3);
    assertThrows(IllegalArgumentException.class, () -> x.copyFrom(new double[5], 0));
    assertThrows(IllegalArgumentException.class, () -> x.copyFrom(new float[8], 3));
    assertThrows(IllegalArgumentException.class, () -> x.copyTo(new float[6], -1));
  }

  @Test
  void copiesNeedOneShapeAndDevice() {
    Tensor x = device.zeros(2, 3);
    assertThrows(IllegalArgumentException.class, () -> x.copyFrom(device.zeros(3, 2)));
    assertThrows(IllegalArgumentException.class, () -> x.copyFrom(device.emptyInts(2, 3)));
    assertThrows(
        IllegalArgumentException.class, () -> x.copyFrom(new ReferenceDevice().zeros(2, 3)));
  }

  @Test
  void itemNeedsOneElement() {
    assertEquals(4, device.full(4, 1, 1).item());
    assertThrows(IllegalStateException.class, () -> device.zeros(2).item());
  }

  @Test
  void gradientsAreForRealLeaves() {
    assertThrows(IllegalStateException.class, () -> device.emptyInts(2).requireGrad());
    assertTrue(device.zeros(2).requireGrad().requiresGrad());
    assertFalse(device.zeros(2).requireGrad().detach().requiresGrad());
  }

  @Test
  void numbersWithoutAShapeAreOneDimensional() {
    assertEquals(Shape.of(3), device.tensor(new float[] {1, 2, 3}).shape());
    assertArrayEquals(new double[] {1, 2}, device.tensor(new double[] {1, 2}).toDoubles());
    assertEquals(Shape.of(1), device.tensor(new int[] {4}).shape());
    assertEquals(Shape.of(), device.tensor(new float[] {1}, new int[0]).shape());
  }

  @Test
  void asManyNumbersAsTheShapeHas() {
    for (int count : new int[] {0, 1, 3, 5, 8}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> device.tensor(new float[count], 2, 2));
      assertTrue(e.getMessage().contains(count + " values for"), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> device.tensor(new double[count], 2, 2));
      assertThrows(IllegalArgumentException.class, () -> device.tensor(new int[count], 2, 2));
    }
    assertThrows(
        IllegalArgumentException.class, () -> device.tensor(new float[] {1, 2}, new int[0]));
  }

  /** Nobody reads what another tensor left in the memory. */
  @Test
  void emptyTensorsHoldZeros() {
    device.full(7, 100).close();
    int[] fives = new int[100];
    Arrays.fill(fives, 5);
    Tensor ints = device.tensor(fives);
    ints.close();
    assertArrayEquals(new double[100], device.empty(100).toDoubles());
    assertArrayEquals(new double[100], device.empty(Shape.of(10, 10)).toDoubles());
    assertArrayEquals(new int[100], device.emptyInts(100).toInts());
  }

  @Test
  void typesAreNotMixed() {
    Tensor reals = device.zeros(2);
    Tensor ints = device.tensor(new int[] {3, 4});
    for (Executable call :
        new Executable[] {
          ints::toFloats,
          ints::toDoubles,
          () -> ints.fill(1.5),
          () -> ints.copyTo(new float[2], 0),
          () -> ints.copyFrom(new float[2], 0),
          () -> ints.copyFrom(new double[2], 0),
          reals::toInts,
          () -> reals.copyTo(new int[2], 0),
          () -> reals.copyFrom(new int[2], 0),
        }) {
      IllegalStateException e = assertThrows(IllegalStateException.class, call);
      assertTrue(e.getMessage().startsWith("a tensor of "), e.getMessage());
    }
    assertEquals(4, ints.slice(1, Shape.of(1)).item());
    assertArrayEquals(new int[] {7, 7}, device.emptyInts(2).fill(7).toInts());
    assertThrows(IllegalArgumentException.class, () -> ints.buffer().floats());
    assertThrows(IllegalArgumentException.class, () -> ints.buffer().doubles());
    assertThrows(IllegalArgumentException.class, () -> reals.buffer().ints());
  }

  @Test
  void stridedViewsShareMemory() {
    Tensor x = device.tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor t = x.t();
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, t.toFloats());
    x.copyFrom(new float[] {6, 5, 4, 3, 2, 1}, 0);
    assertArrayEquals(new float[] {6, 3, 5, 2, 4, 1}, t.toFloats());
    t.copyFrom(new float[] {1, 4, 2, 5, 3, 6}, 0);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, x.toFloats());
    t.select(0, 1).fill(0);
    assertArrayEquals(new float[] {1, 0, 3, 4, 0, 6}, x.toFloats());
    assertThrows(IllegalStateException.class, () -> t.view(Shape.of(6)));
    assertThrows(IllegalStateException.class, () -> t.slice(1, Shape.of(2)));
    assertThrows(IllegalStateException.class, t::bufferToWrite);
    x.close();
    assertArrayEquals(new float[] {1, 4, 0, 0, 3, 6}, t.toFloats());
  }

  @Test
  void saysWhatItIs() {
    assertEquals("[[0. 0. 0.]\n [0. 0. 0.]]", device.zeros(2, 3).requireGrad().toString());
  }
}
