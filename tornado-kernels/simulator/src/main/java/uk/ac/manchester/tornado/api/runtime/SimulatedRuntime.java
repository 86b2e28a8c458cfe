package uk.ac.manchester.tornado.api.runtime;

import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** One backend with one device: this JVM, which does what the backend CUDA does. */
final class SimulatedRuntime
    implements TornadoRuntime, TornadoBackend, TornadoDevice, TornadoTargetDevice {
  @Override
  public int getNumBackends() {
    return 1;
  }

  @Override
  public TornadoBackend getBackend(int index) {
    return this;
  }

  @Override
  public TornadoVMBackendType getBackendType() {
    return TornadoVMBackendType.CUDA;
  }

  @Override
  public TornadoVMBackendType getTornadoVMBackend() {
    return getBackendType();
  }

  @Override
  public int getNumDevices() {
    return 1;
  }

  @Override
  public TornadoDevice getDevice(int index) {
    return this;
  }

  @Override
  public String getDeviceName() {
    return "simulator on the JVM";
  }

  @Override
  public TornadoTargetDevice getPhysicalDevice() {
    return this;
  }

  @Override
  public long getMaxGlobalMemory() {
    return Runtime.getRuntime().maxMemory() / 2;
  }

  @Override
  public long getMaxAllocMemory() {
    return getMaxGlobalMemory();
  }
}
