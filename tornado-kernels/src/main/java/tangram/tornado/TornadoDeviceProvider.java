package tangram.tornado;

import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.DeviceProvider;

/** Offers the device {@code tornado}. */
public final class TornadoDeviceProvider implements DeviceProvider {
  /** Creates the provider; ServiceLoader does. */
  public TornadoDeviceProvider() {}

  @Override
  public String name() {
    return "tornado";
  }

  /**
   * {@inheritDoc}
   *
   * @param options {@code backend:index} as {@code pclmix devices} lists them, such as {@code
   *     opencl:0}; empty for the first device
   */
  @Override
  public Device open(String options) {
    checkPresent();
    return TornadoDevices.open(options);
  }

  @Override
  public Map<String, String> available() {
    checkPresent();
    return TornadoDevices.descriptions();
  }

  private static void checkPresent() {
    KernelAnnotations.none();
    try {
      Class.forName("uk.ac.manchester.tornado.api.TornadoExecutionPlan");
    } catch (ClassNotFoundException e) {
      throw new DeviceException(
          "TornadoVM is not here: install it, set TORNADOVM_HOME to its folder and start again"
              + " (docs/gpu.md).");
    } catch (LinkageError e) {
      throw cannotStart(e);
    }
  }

  /** Backends that lack their library keep all of TornadoVM from starting. */
  static DeviceException cannotStart(LinkageError e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new DeviceException(
        "TornadoVM cannot start (%s): a driver is missing, or a library that one of its backends needs (docs/gpu.md)."
            .formatted(cause.getMessage()));
  }
}
