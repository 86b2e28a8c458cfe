package tangram.nn;

import tangram.tensor.Device;
import tangram.tensor.Devices;

class VectorLayersTest extends LayersContract {
  private static final Device DEVICE = Devices.get("vector");

  @Override
  protected Device device() {
    return DEVICE;
  }

  @Override
  protected double tolerance() {
    return 2e-5;
  }
}
