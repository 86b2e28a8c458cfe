package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TornadoDeviceProviderTest {
  /** A backend of TornadoVM fails so where the driver is not installed. */
  @Test
  void missingDriversAreToldInASentence() {
    LinkageError error =
        new ExceptionInInitializerError(new RuntimeException("JNI Library not found"));
    String message = TornadoDeviceProvider.cannotStart(error).getMessage();
    assertTrue(message.contains("JNI Library not found"), message);
    assertTrue(message.contains("driver"), message);
  }
}
