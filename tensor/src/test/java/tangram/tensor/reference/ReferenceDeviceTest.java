package tangram.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;
import tangram.tensor.kernel.GemmShape;

class ReferenceDeviceTest extends ReferenceKernelTest {
  @Test
  void isFoundByName() {
    Device device = Devices.get("reference");
    assertInstanceOf(ReferenceDevice.class, device);
    assertEquals("reference", device.name());
    assertEquals(8, device.realBytes());
    assertTrue(Devices.names().contains("reference"));
    DeviceException e =
        assertThrows(DeviceException.class, () -> Devices.get("reference:threads=2"));
    assertTrue(e.getMessage().contains("threads=2"), e.getMessage());
  }

  /** A kernel that is told a wrong size says so instead of reading its neighbour. */
  @Test
  void sizesAreChecked() {
    assertThrows(
        IndexOutOfBoundsException.class,
        () ->
            kernels
                .linearAlgebra()
                .gemm(
                    GemmShape.of(false, false, 2, 2, 2),
                    reals(1, 2, 3).buffer(),
                    reals(1, 2, 3, 4).buffer(),
                    out(4).buffer(),
                    false));
  }
}
