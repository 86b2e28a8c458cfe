package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
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

  @Test
  void viewsMustFit() {
    Tensor x = device.zeros(2, 3);
    assertThrows(IllegalArgumentException.class, () -> x.view(Shape.of(5)));
    assertThrows(IllegalArgumentException.class, () -> x.slice(4, Shape.of(3)));
    assertThrows(IllegalArgumentException.class, () -> x.slice(-1, Shape.of(3)));
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
  void saysWhatItIs() {
    assertEquals(
        "Tensor[2, 3]@reference requires grad", device.zeros(2, 3).requireGrad().toString());
  }
}
