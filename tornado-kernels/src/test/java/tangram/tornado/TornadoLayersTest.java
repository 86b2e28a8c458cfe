package tangram.tornado;

import tangram.nn.LayersContract;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** Layers and losses, on the simulator or on TornadoVM. */
class TornadoLayersTest extends LayersContract {
  @Override
  protected Device device() {
    return Devices.get("tornado");
  }

  @Override
  protected double tolerance() {
    return 2e-5;
  }
}
