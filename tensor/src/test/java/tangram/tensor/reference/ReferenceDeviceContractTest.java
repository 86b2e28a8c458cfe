package tangram.tensor.reference;

import tangram.tensor.Device;
import tangram.tensor.contract.DeviceContract;

/** The specification agrees with itself, writes all of its outputs and nothing else. */
class ReferenceDeviceContractTest extends DeviceContract {
  private static final Device DEVICE = new ReferenceDevice();

  @Override
  protected Device device() {
    return DEVICE;
  }
}
