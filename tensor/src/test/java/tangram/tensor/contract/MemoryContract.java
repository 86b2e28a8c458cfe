package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.ProfiledDevice;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Storage and transfers. */
public abstract class MemoryContract extends KernelContract {
  @Test
  void numbersComeBack() {
    try (Scope scope = Scope.open()) {
      for (int length : new int[] {1, 7, 16, 33, 10007}) {
        double[] reals = normal(1, length);
        float[] floats = new float[length];
        for (int i = 0; i < length; i++) {
          floats[i] = (float) reals[i];
        }
        int[] ints = integers(2, length, Integer.MIN_VALUE / 2, Integer.MAX_VALUE / 2);
        assertArrayEquals(reals, device().tensor(reals, length).toDoubles());
        assertArrayEquals(reals, device().tensor(floats, length).toDoubles());
        assertArrayEquals(floats, device().tensor(reals, length).toFloats());
        assertArrayEquals(ints, device().tensor(ints, length).toInts());
      }
    }
  }

  @Test
  void specialNumbersComeBack() {
    try (Scope scope = Scope.open()) {
      float[] values = {
        0f,
        -0f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        Float.MAX_VALUE
      };
      assertArrayEquals(values, device().tensor(values, values.length).toFloats());
      int[] ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE};
      assertArrayEquals(ints, device().tensor(ints, 4).toInts());
    }
  }

  @Test
  void transfersTakePartOfAHostArray() {
    try (Scope scope = Scope.open()) {
      double[] host = normal(3, 50);
      Tensor tensor = device().empty(2, 5).copyFrom(host, 13);
      double[] wanted = new double[10];
      System.arraycopy(host, 13, wanted, 0, 10);
      assertArrayEquals(wanted, tensor.toDoubles());
      float[] target = new float[30];
      tensor.copyTo(target, 7);
      for (int i = 0; i < target.length; i++) {
        assertEquals(i >= 7 && i < 17 ? (float) wanted[i - 7] : 0f, target[i]);
      }
      int[] ints = integers(4, 20, -9, 10);
      Tensor integer = device().emptyInts(4).copyFrom(ints, 3);
      int[] back = new int[9];
      integer.copyTo(back, 2);
      assertArrayEquals(new int[] {0, 0, ints[3], ints[4], ints[5], ints[6], 0, 0, 0}, back);
    }
  }

  @Test
  void constants() {
    try (Scope scope = Scope.open()) {
      assertArrayEquals(new double[12], device().zeros(3, 4).toDoubles());
      assertArrayEquals(new double[] {2.5, 2.5, 2.5}, device().full(2.5, 3).toDoubles());
      assertEquals(-7, device().scalar(-7).item());
      assertEquals(Shape.of(), device().scalar(1).shape());
    }
  }

  @Test
  void copiesBetweenTensors() {
    try (Scope scope = Scope.open()) {
      double[] values = normal(5, 37);
      assertArrayEquals(
          values, device().empty(37).copyFrom(device().tensor(values, 37)).toDoubles());
      int[] ints = integers(6, 37, -100, 100);
      assertArrayEquals(ints, device().emptyInts(37).copyFrom(device().tensor(ints, 37)).toInts());
    }
  }

  @Test
  void memoryIsCountedAndReturned() {
    // Memory of its own: what other tests left is collected at any time.
    Device device = new ProfiledDevice(device());
    try (Scope scope = Scope.open()) {
      device.empty(1000);
      long used = device.usedBytes();
      assertTrue(used >= 1000L * device.realBytes(), "used " + used);
      assertTrue(device.peakBytes() >= used);
      assertTrue(device.reservedBytes() >= used);
    }
    assertEquals(0, device.usedBytes());
  }

  @Test
  void isNamed() {
    assertTrue(device().name().matches("[a-z][a-z0-9-]*"), device().name());
    assertTrue(!device().description().isBlank());
  }
}
