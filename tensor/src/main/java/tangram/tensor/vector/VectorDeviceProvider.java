package tangram.tensor.vector;

import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.DeviceProvider;

/** Makes {@link VectorDevice} available under the name {@code vector}. */
public final class VectorDeviceProvider implements DeviceProvider {
  /** For {@link java.util.ServiceLoader}. */
  public VectorDeviceProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Device open(String options) {
    if (!options.isEmpty()) {
      throw new DeviceException(
          "The device 'vector' has no options, but was given '" + options + "'; leave them out.");
    }
    return new VectorDevice();
  }
}
