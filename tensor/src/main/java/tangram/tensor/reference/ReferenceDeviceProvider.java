package tangram.tensor.reference;

import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.DeviceProvider;

/** Makes {@link ReferenceDevice} available under the name {@code reference}. */
public final class ReferenceDeviceProvider implements DeviceProvider {
  /** For {@link java.util.ServiceLoader}. */
  public ReferenceDeviceProvider() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Device open(String options) {
    if (!options.isEmpty()) {
      throw new DeviceException(
          "The device 'reference' has no options, but was given '"
              + options
              + "'; leave them out.");
    }
    return new ReferenceDevice();
  }
}
