package tangram.tensor;

import java.util.Map;

/**
 * Makes a kind of device available to {@link Devices}; found with {@link java.util.ServiceLoader}.
 */
public interface DeviceProvider {
  /** The name by which users choose it, such as {@code vector}. */
  String name();

  /**
   * Opens the device.
   *
   * @param options what followed the name and a colon in the user's choice; empty if nothing did
   * @throws DeviceException if it cannot work here; the message says why and what to do
   */
  Device open(String options);

  /**
   * What can be opened: the names by which users choose, each with a line about it.
   *
   * @throws DeviceException if this kind of device cannot work here; the message says why
   */
  default Map<String, String> available() {
    return Map.of(name(), open("").description());
  }
}
