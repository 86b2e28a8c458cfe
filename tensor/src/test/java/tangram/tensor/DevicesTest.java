package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DevicesTest {
  @Test
  void namesThatAreNoneAreAnsweredByASentence() {
    for (String name :
        new String[] {null, "", " ", ":", "vectors", "Vector", "reference:x", "vector:2"}) {
      String message =
          assertThrows(DeviceException.class, () -> Devices.get(name), "" + name).getMessage();
      assertTrue(message.endsWith("."), message);
    }
    assertThrows(DeviceException.class, () -> Devices.available("gpu"));
    assertThrows(DeviceException.class, () -> Devices.available(null));
  }

  @Test
  void aDeviceIsOpenedOnce() {
    assertSame(Devices.get("reference"), Devices.get("reference"));
  }
}
