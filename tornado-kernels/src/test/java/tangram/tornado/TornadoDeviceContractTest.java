package tangram.tornado;

import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.contract.DeviceContract;

/** The device passes the contract of all devices, on the simulator or on TornadoVM. */
class TornadoDeviceContractTest extends DeviceContract {
  @Override
  protected Device device() {
    return Devices.get("tornado");
  }
}
