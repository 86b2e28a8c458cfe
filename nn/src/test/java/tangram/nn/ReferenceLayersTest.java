package tangram.nn;

import tangram.tensor.Device;
import tangram.tensor.Devices;

class ReferenceLayersTest extends LayersContract {
  private static final Device DEVICE = Devices.get("reference");

  @Override
  protected Device device() {
    return DEVICE;
  }

  @Override
  protected double tolerance() {
    return 1e-10;
  }
}
